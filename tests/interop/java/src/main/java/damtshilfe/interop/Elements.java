package damtshilfe.interop;

import damtshilfe.interop.meta.DeliveryAttributesType;
import damtshilfe.interop.meta.DestinationsType;
import damtshilfe.interop.meta.MessageMetaData;
import damtshilfe.interop.meta.MsgIdentificationType;
import damtshilfe.interop.meta.OriginatorsType;
import damtshilfe.interop.meta.QualifierType;
import damtshilfe.interop.wsa.AttributedURIType;
import damtshilfe.interop.xta.ContentType;
import damtshilfe.interop.xta.GenericContentContainer;
import jakarta.activation.DataHandler;
import jakarta.activation.FileDataSource;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.ZonedDateTime;
import java.util.GregorianCalendar;
import javax.xml.datatype.DatatypeConfigurationException;
import javax.xml.datatype.DatatypeFactory;
import javax.xml.datatype.XMLGregorianCalendar;

/** Elements of the requests, out of a task. */
final class Elements {

    private Elements() {}

    static AttributedURIType makeId(String messageId) {
        AttributedURIType id = new AttributedURIType();
        id.setValue(messageId);
        return id;
    }

    static MessageMetaData makeMetaData(Task task, String messageId) {
        MsgIdentificationType identification = new MsgIdentificationType();
        identification.setMessageID(makeId(messageId));
        OriginatorsType originators = new OriginatorsType();
        originators.setAuthor(task.author().identifier().toElement());
        DestinationsType destinations = new DestinationsType();
        destinations.setReader(task.reader().identifier().toElement());
        MessageMetaData metaData = new MessageMetaData();
        metaData.setDeliveryAttributes(new DeliveryAttributesType());
        metaData.setOriginators(originators);
        metaData.setDestinations(destinations);
        metaData.setMsgIdentification(identification);
        metaData.setQualifier(makeQualifier(task));
        return metaData;
    }

    static GenericContentContainer makeContainer(Task task) {
        var parts = new GenericContentContainer.ContentContainer();
        parts.setMessage(makeContent(task.message(), "application/xml"));
        for (Task.Attachment attachment : task.attachments()) {
            ContentType content = makeContent(attachment.path(), attachment.contentType());
            content.setFilename(attachment.filename());
            parts.getAttachment().add(content);
        }
        GenericContentContainer container = new GenericContentContainer();
        container.setContentContainer(parts);
        return container;
    }

    static XMLGregorianCalendar tomorrow() {
        GregorianCalendar time = GregorianCalendar.from(ZonedDateTime.now().plusDays(1));
        try {
            return DatatypeFactory.newInstance().newXMLGregorianCalendar(time);
        } catch (DatatypeConfigurationException broken) {
            throw new IllegalStateException(broken);
        }
    }

    private static QualifierType makeQualifier(Task task) {
        var scenario = new QualifierType.BusinessScenario();
        scenario.setUndefined(task.service());
        var type = new QualifierType.MessageType();
        type.setCode(task.messageType());
        type.setListURI(task.messageTypeListUri());
        type.setListVersionID(task.messageTypeListVersion());
        type.setPayloadSchema(task.payloadSchema());
        QualifierType qualifier = new QualifierType();
        qualifier.setService(task.service());
        qualifier.setBusinessScenario(scenario);
        qualifier.setMessageType(type);
        return qualifier;
    }

    /** The file is read when it is written to the wire, not before. */
    private static ContentType makeContent(Path path, String contentType) {
        ContentType content = new ContentType();
        content.setValue(new DataHandler(new FileDataSource(path.toFile())));
        content.setContentType(contentType);
        content.setSize(BigInteger.valueOf(path.toFile().length()));
        return content;
    }
}
