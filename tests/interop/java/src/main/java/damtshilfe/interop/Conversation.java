package damtshilfe.interop;

import com.fasterxml.jackson.databind.ObjectMapper;
import damtshilfe.interop.meta.MessageMetaData;
import damtshilfe.interop.xta.CancelDeniedException;
import damtshilfe.interop.xta.ContentType;
import damtshilfe.interop.xta.GenericContentContainer;
import damtshilfe.interop.xta.MessageStatusType;
import damtshilfe.interop.xta.RecordType;
import jakarta.activation.DataHandler;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The conversation of tests/interop/conversation.py with Apache CXF.
 *
 * <p>Argument: path of the task file. Prints one JSON object, which also tells the exchanges of
 * author and reader.
 */
final class Conversation {

    private final Task task;
    private final XtaClient author;
    private final XtaClient reader;
    private final Map<String, Object> outcome = new LinkedHashMap<>();

    private Conversation(Task task, XtaClient author, XtaClient reader) {
        this.task = task;
        this.author = author;
        this.reader = reader;
    }

    public static void main(String[] arguments) throws Exception {
        ObjectMapper json = new ObjectMapper();
        Task task = json.readValue(Path.of(arguments[0]).toFile(), Task.class);
        try (XtaClient author = connect(task, task.author());
                XtaClient reader = connect(task, task.reader())) {
            json.writeValue(System.out, new Conversation(task, author, reader).converse());
        }
    }

    private static XtaClient connect(Task task, Task.Mandant mandant) throws Exception {
        return new XtaClient(
                URI.create(task.ports().get("management") + "?wsdl").toURL(),
                PemTls.load(mandant.certificate(), task.ca()),
                mandant.identifier(),
                task.isMtom());
    }

    private Map<String, Object> converse() throws Exception {
        author.checkAccountActive();
        outcome.put("accountActive", true);
        boolean isReachable = author.isReachable(task.reader().identifier(), task.service());
        outcome.put("serviceAvailable", isReachable);
        String first = author.createMessageId();
        String second = author.createMessageId();
        String third = author.createMessageId();
        outcome.put("messageIds", List.of(first, second, third));
        sendAll(first, second, third);
        list(List.of(first, second));
        fetch(first, second);
        outcome.put("report", readReport(first));
        author.cancel(third);
        outcome.put("cancelled", readReport(third));
        outcome.put("fault", cancelInVain(first));
        outcome.put("exchanges", List.of(author.exchanges(), reader.exchanges()));
        return outcome;
    }

    private void sendAll(String first, String second, String third) throws Exception {
        GenericContentContainer container = Elements.makeContainer(task);
        author.send(Elements.makeMetaData(task, first), container);
        author.send(Elements.makeMetaData(task, second), container);
        MessageMetaData delayed = Elements.makeMetaData(task, third);
        delayed.getDeliveryAttributes().setNotBefore(Elements.tomorrow());
        author.send(delayed, container);
    }

    private void list(List<String> messageIds) throws Exception {
        XtaClient.StatusList listed = reader.list(messageIds, 1);
        outcome.put("listed", readIds(listed));
        outcome.put("listedNext", readIds(reader.listNext(listed.requestId())));
    }

    private void fetch(String first, String second) throws Exception {
        XtaClient.Fetched fetched = reader.fetch(List.of(first, second));
        outcome.put("fetched", describe(fetched));
        String requestId = fetched.response().getMsgBoxRequestID();
        outcome.put("fetchedNext", describe(reader.fetchNext(requestId, first)));
        reader.close(requestId, second);
    }

    private Map<String, Object> readReport(String messageId) throws Exception {
        MessageStatusType status = author.findReport(messageId).getMessageStatus();
        List<String> codes =
                listEntries(status).stream().map(entry -> entry.getCode().getCode()).toList();
        return Map.of("status", status.getStatus(), "codes", codes);
    }

    private static List<RecordType> listEntries(MessageStatusType status) {
        List<RecordType> entries = new ArrayList<>();
        if (status.getErrorList() != null) {
            entries.addAll(status.getErrorList().getError());
        }
        if (status.getWarnList() != null) {
            entries.addAll(status.getWarnList().getWarning());
        }
        if (status.getInfoList() != null) {
            entries.addAll(status.getInfoList().getInfo());
        }
        return entries;
    }

    private Map<String, String> cancelInVain(String messageId) throws Exception {
        try {
            author.cancel(messageId);
        } catch (CancelDeniedException denied) {
            String code = denied.getFaultInfo().getErrorCode().getCode();
            return Map.of("exception", denied.getClass().getSimpleName(), "code", code);
        }
        throw new IllegalStateException("a fault was expected");
    }

    private static List<String> readIds(XtaClient.StatusList listed) {
        return listed.list().getMessageMetaData().stream().map(Conversation::readId).toList();
    }

    private static String readId(MessageMetaData metaData) {
        return metaData.getMsgIdentification().getMessageID().getValue();
    }

    private static Map<String, Object> describe(XtaClient.Fetched fetched) throws Exception {
        var container = fetched.container().getContentContainer();
        List<Map<String, String>> parts = new ArrayList<>();
        parts.add(describePart(container.getMessage()));
        for (ContentType attachment : container.getAttachment()) {
            parts.add(describePart(attachment));
        }
        return Map.of("messageId", readId(fetched.metaData()), "parts", parts);
    }

    private static Map<String, String> describePart(ContentType part) throws Exception {
        String filename = part.getFilename() == null ? "" : part.getFilename();
        return Map.of("filename", filename, "sha256", hash(part.getValue()));
    }

    private static String hash(DataHandler content) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (OutputStream sink = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
            content.writeTo(sink);
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
