package damtshilfe.interop;

import org.apache.cxf.message.Message;
import org.apache.cxf.phase.AbstractPhaseInterceptor;
import org.apache.cxf.phase.Phase;

/** Switches MTOM off again after the policy of the WSDL has switched it on. */
final class MtomRefusal extends AbstractPhaseInterceptor<Message> {

    MtomRefusal() {
        super(Phase.PREPARE_SEND);
    }

    @Override
    public void handleMessage(Message request) {
        request.put(Message.MTOM_ENABLED, Boolean.FALSE);
    }
}
