package damtshilfe.interop;

import java.util.List;

/**
 * One request and its answer, as CXF sent and received them.
 *
 * @param action wsa:Action of the request; empty where it was sent without WS-Addressing
 * @param isRelated true where the answer names the MessageID of the request in wsa:RelatesTo
 * @param request how the request was sent
 * @param response how the answer came
 * @param assertions the assertions of the WSDL's policies that CXF has acted on
 */
record Exchange(
        String action, boolean isRelated, Wire request, Wire response, List<String> assertions) {

    /**
     * One message on the wire.
     *
     * @param contentType Content-Type of HTTP
     * @param parts number of MIME parts beside the envelope
     */
    record Wire(String contentType, int parts) {}
}
