package damtshilfe.interop;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The task file of tests/interop/conversation.py. */
@JsonIgnoreProperties(ignoreUnknown = true)
record Task(
        Map<String, String> ports,
        Path ca,
        Mandant author,
        Mandant reader,
        Path message,
        List<Attachment> attachments,
        String service,
        String messageType,
        String messageTypeListUri,
        String messageTypeListVersion,
        String payloadSchema,
        boolean isMtom) {

    /** One side: its identifier, and certificate with key in one PEM file. */
    record Mandant(Party identifier, Path certificate) {}

    /** A file to be sent. */
    record Attachment(Path path, String filename, String contentType) {}
}
