package damtshilfe.interop;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import javax.xml.namespace.QName;
import org.apache.cxf.message.Message;
import org.apache.cxf.phase.AbstractPhaseInterceptor;
import org.apache.cxf.phase.Phase;
import org.apache.cxf.ws.addressing.AddressingProperties;
import org.apache.cxf.ws.addressing.AttributedURIType;
import org.apache.cxf.ws.addressing.JAXWSAConstants;
import org.apache.cxf.ws.policy.AssertionInfoMap;

/**
 * Notes each exchange as soon as the headers of its answer, which may be a fault, are read.
 *
 * <p>Counting the parts of an answer takes them from the connection; CXF keeps them in files.
 */
final class ExchangeRecorder extends AbstractPhaseInterceptor<Message> {

    private final List<Exchange> exchanges = Collections.synchronizedList(new ArrayList<>());

    ExchangeRecorder() {
        super(Phase.USER_PROTOCOL);
    }

    List<Exchange> exchanges() {
        return List.copyOf(exchanges);
    }

    @Override
    public void handleMessage(Message response) {
        Message request = response.getExchange().getOutMessage();
        AddressingProperties asked =
                findAddressing(request, JAXWSAConstants.ADDRESSING_PROPERTIES_OUTBOUND);
        AddressingProperties answered =
                findAddressing(response, JAXWSAConstants.ADDRESSING_PROPERTIES_INBOUND);
        exchanges.add(
                new Exchange(
                        asked == null ? "" : asked.getAction().getValue(),
                        isRelated(asked, answered),
                        describe(request),
                        describe(response),
                        listAssertions(request)));
    }

    private static Exchange.Wire describe(Message message) {
        var parts = message.getAttachments();
        String contentType = (String) message.get(Message.CONTENT_TYPE);
        return new Exchange.Wire(contentType, parts == null ? 0 : parts.size());
    }

    private static AddressingProperties findAddressing(Message message, String name) {
        return (AddressingProperties) message.get(name);
    }

    private static boolean isRelated(AddressingProperties asked, AddressingProperties answered) {
        if (asked == null || answered == null || answered.getRelatesTo() == null) {
            return false;
        }
        AttributedURIType messageId = asked.getMessageID();
        return messageId.getValue().equals(answered.getRelatesTo().getValue());
    }

    private static List<String> listAssertions(Message request) {
        AssertionInfoMap assertions = request.get(AssertionInfoMap.class);
        if (assertions == null) {
            return List.of();
        }
        return assertions.entrySet().stream()
                .filter(entry -> entry.getValue().stream().allMatch(info -> info.isAsserted()))
                .map(Map.Entry::getKey)
                .map(QName::getLocalPart)
                .sorted()
                .toList();
    }
}
