package damtshilfe.interop;

import damtshilfe.interop.meta.MessageMetaData;
import damtshilfe.interop.meta.PartyType;
import damtshilfe.interop.osci.MsgBoxCloseRequestType;
import damtshilfe.interop.osci.MsgBoxFetchRequest;
import damtshilfe.interop.osci.MsgBoxGetNextRequestType;
import damtshilfe.interop.osci.MsgBoxResponseType;
import damtshilfe.interop.osci.MsgBoxStatusListRequestType;
import damtshilfe.interop.osci.MsgSelector;
import damtshilfe.interop.osci.MsgStatusListType;
import damtshilfe.interop.wsa.AttributedURIType;
import damtshilfe.interop.xta.CancelDeniedException;
import damtshilfe.interop.xta.GenericContentContainer;
import damtshilfe.interop.xta.InvalidMessageIDException;
import damtshilfe.interop.xta.LookupServiceRequest;
import damtshilfe.interop.xta.LookupServiceResponse;
import damtshilfe.interop.xta.LookupServiceType;
import damtshilfe.interop.xta.ManagementPortType;
import damtshilfe.interop.xta.MessageSchemaViolationException;
import damtshilfe.interop.xta.MessageVirusDetectionException;
import damtshilfe.interop.xta.MsgBoxPortType;
import damtshilfe.interop.xta.ParameterIsNotValidException;
import damtshilfe.interop.xta.PermissionDeniedException;
import damtshilfe.interop.xta.SendPortType;
import damtshilfe.interop.xta.SyncAsyncException;
import damtshilfe.interop.xta.TransportReport;
import damtshilfe.interop.xta.XTAService;
import damtshilfe.interop.xta.XTAWSTechnicalProblemException;
import jakarta.xml.ws.Holder;
import java.math.BigInteger;
import java.net.URL;
import java.util.List;
import org.apache.cxf.Bus;
import org.apache.cxf.BusFactory;
import org.apache.cxf.configuration.jsse.TLSClientParameters;
import org.apache.cxf.transport.http.HTTPConduitConfigurer;

/** Speaks for one Mandant. Policies and addresses come from the served WSDL. */
final class XtaClient implements AutoCloseable {

    private final Bus bus = BusFactory.newInstance().createBus();
    private final ExchangeRecorder recorder = new ExchangeRecorder();
    private final PartyType self;
    private final ManagementPortType management;
    private final SendPortType sending;
    private final MsgBoxPortType mailbox;

    XtaClient(URL wsdl, TLSClientParameters tls, Party self, boolean isMtom) {
        this.self = self.toElement();
        // Before the service is made: the WSDL and its schemas are fetched in the same way.
        HTTPConduitConfigurer useTls =
                (name, address, conduit) -> conduit.setTlsClientParameters(tls);
        bus.setExtension(useTls, HTTPConduitConfigurer.class);
        bus.getInInterceptors().add(recorder);
        if (!isMtom) {
            bus.getOutInterceptors().add(new MtomRefusal());
        }
        Bus before = BusFactory.getAndSetThreadDefaultBus(bus);
        try {
            XTAService service = new XTAService(wsdl);
            management = service.getManagementPort();
            sending = service.getSendXtaPort();
            mailbox = service.getMsgBoxPort();
        } finally {
            BusFactory.setThreadDefaultBus(before);
        }
    }

    /** What went over the wire so far. */
    List<Exchange> exchanges() {
        return recorder.exchanges();
    }

    /** Throws where the account is not active. */
    void checkAccountActive() throws PermissionDeniedException, XTAWSTechnicalProblemException {
        management.checkAccountActive(self);
    }

    boolean isReachable(Party reader, String service)
            throws ParameterIsNotValidException, PermissionDeniedException,
                    XTAWSTechnicalProblemException {
        LookupServiceType question = new LookupServiceType();
        question.setReader(reader.toElement());
        question.setServiceType(service);
        var item = new LookupServiceRequest.LookupServiceRequestList();
        item.setLookupService(question);
        LookupServiceRequest request = new LookupServiceRequest();
        request.getLookupServiceRequestList().add(item);
        LookupServiceResponse answer = management.lookupService(request, self);
        var result = answer.getLookupServiceResultList().getLookupServiceResult().get(0);
        // Null where it is unknown.
        return Boolean.TRUE.equals(result.getIsServiceAvailableValue().isServiceIsAvailable());
    }

    String createMessageId() throws PermissionDeniedException, XTAWSTechnicalProblemException {
        return management.createMessageId(self).getValue();
    }

    /** Returns when the message is durable on the other side. */
    void send(MessageMetaData metaData, GenericContentContainer container)
            throws MessageSchemaViolationException, MessageVirusDetectionException,
                    ParameterIsNotValidException, PermissionDeniedException, SyncAsyncException,
                    XTAWSTechnicalProblemException {
        sending.sendMessage(container, metaData, null);
    }

    StatusList list(List<String> messageIds, int maxListItems)
            throws PermissionDeniedException, XTAWSTechnicalProblemException {
        MsgBoxStatusListRequestType request = new MsgBoxStatusListRequestType();
        request.setMsgSelector(select(messageIds));
        request.setMaxListItems(BigInteger.valueOf(maxListItems));
        request.setListForm("MessageMetaData");
        Holder<MsgBoxResponseType> response = new Holder<>();
        MsgStatusListType list = mailbox.getStatusList(request, self, response);
        return new StatusList(list, response.value.getMsgBoxRequestID());
    }

    StatusList listNext(String requestId)
            throws PermissionDeniedException, XTAWSTechnicalProblemException {
        Holder<MsgBoxResponseType> response = new Holder<>();
        MsgStatusListType list = mailbox.getNextStatusList(goOn(requestId), self, response);
        return new StatusList(list, response.value.getMsgBoxRequestID());
    }

    Fetched fetch(List<String> messageIds)
            throws InvalidMessageIDException, PermissionDeniedException,
                    XTAWSTechnicalProblemException {
        MsgBoxFetchRequest request = new MsgBoxFetchRequest();
        request.setMsgSelector(select(messageIds));
        Holder<MessageMetaData> metaData = new Holder<>();
        Holder<MsgBoxResponseType> response = new Holder<>();
        GenericContentContainer container = mailbox.getMessage(request, self, metaData, response);
        return new Fetched(metaData.value, container, response.value);
    }

    Fetched fetchNext(String requestId, String received)
            throws InvalidMessageIDException, PermissionDeniedException,
                    XTAWSTechnicalProblemException {
        Holder<MessageMetaData> metaData = new Holder<>();
        Holder<MsgBoxResponseType> response = new Holder<>();
        GenericContentContainer container =
                mailbox.getNextMessage(goOn(requestId, received), self, metaData, response);
        return new Fetched(metaData.value, container, response.value);
    }

    /** Confirms messages and ends the iterator. */
    void close(String requestId, String received)
            throws InvalidMessageIDException, PermissionDeniedException,
                    XTAWSTechnicalProblemException {
        MsgBoxCloseRequestType request = new MsgBoxCloseRequestType();
        request.setMsgBoxRequestID(requestId);
        request.getLastMsgReceived().add(Elements.makeId(received));
        mailbox.close(request, self);
    }

    TransportReport findReport(String messageId)
            throws InvalidMessageIDException, PermissionDeniedException,
                    XTAWSTechnicalProblemException {
        return management.getTransportReport(Elements.makeId(messageId), self);
    }

    void cancel(String messageId)
            throws CancelDeniedException, ParameterIsNotValidException, PermissionDeniedException,
                    XTAWSTechnicalProblemException {
        management.cancelMessage(Elements.makeId(messageId), self);
    }

    @Override
    public void close() {
        bus.shutdown(true);
    }

    private static MsgSelector select(List<String> messageIds) {
        MsgSelector selector = new MsgSelector();
        messageIds.stream().map(Elements::makeId).forEach(selector.getMessageID()::add);
        return selector;
    }

    private static MsgBoxGetNextRequestType goOn(String requestId, String... received) {
        MsgBoxGetNextRequestType request = new MsgBoxGetNextRequestType();
        request.setMsgBoxRequestID(requestId);
        List<AttributedURIType> confirmed = request.getLastMsgReceived();
        List.of(received).stream().map(Elements::makeId).forEach(confirmed::add);
        return request;
    }

    /** A part of the mailbox's list, and the iterator that goes on with it. */
    record StatusList(MsgStatusListType list, String requestId) {}

    /** A message with the header of the answer; where there is none, the first two are null. */
    record Fetched(
            MessageMetaData metaData,
            GenericContentContainer container,
            MsgBoxResponseType response) {}
}
