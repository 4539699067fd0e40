package damtshilfe.interop;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.KeyGenerator;
import org.apache.xml.security.Init;
import org.apache.xml.security.encryption.EncryptedData;
import org.apache.xml.security.encryption.EncryptedKey;
import org.apache.xml.security.encryption.XMLCipher;
import org.apache.xml.security.encryption.params.ConcatKDFParams;
import org.apache.xml.security.encryption.params.KeyAgreementParameters;
import org.apache.xml.security.exceptions.XMLSecurityException;
import org.apache.xml.security.keys.KeyInfo;
import org.apache.xml.security.keys.content.X509Data;
import org.apache.xml.security.utils.EncryptionConstants;
import org.apache.xml.security.utils.XMLUtils;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * XML Encryption by Apache Santuario: {@code encrypt|decrypt PEM IN OUT}.
 *
 * <p>The first element within the root of IN is encrypted for the certificate in PEM, or is the
 * EncryptedData that is decrypted with the key in PEM.
 */
public final class ContentEncryption {

    private static final String SHA256 = XMLCipher.SHA256;
    private static final int KEY_BITS = 256;

    private ContentEncryption() {}

    public static void main(String[] arguments) throws Exception {
        Init.init();
        String pem = Files.readString(Path.of(arguments[1]));
        Document document;
        try (InputStream input = Files.newInputStream(Path.of(arguments[2]))) {
            document = XMLUtils.read(input, true);
        }
        Element element = firstElement(document.getDocumentElement());
        X509Certificate certificate = (X509Certificate) PemTls.readCertificates(pem).get(0);
        if (arguments[0].equals("encrypt")) {
            encrypt(document, element, certificate);
        } else {
            String algorithm = certificate.getPublicKey().getAlgorithm();
            decrypt(document, element, PemTls.readKey(pem, algorithm));
        }
        Files.write(Path.of(arguments[3]), serialize(document));
    }

    private static void encrypt(Document document, Element element, X509Certificate certificate)
            throws Exception {
        KeyGenerator generator = KeyGenerator.getInstance("AES");
        generator.init(KEY_BITS);
        Key contentKey = generator.generateKey();
        XMLCipher cipher = XMLCipher.getInstance(XMLCipher.AES_256_GCM);
        cipher.init(XMLCipher.ENCRYPT_MODE, contentKey);
        EncryptedData data = cipher.getEncryptedData();
        KeyInfo keyInfo = new KeyInfo(document);
        keyInfo.add(wrap(document, contentKey, certificate));
        data.setKeyInfo(keyInfo);
        cipher.doFinal(document, element, false);
    }

    private static EncryptedKey wrap(Document document, Key contentKey, X509Certificate certificate)
            throws XMLSecurityException {
        if (certificate.getPublicKey().getAlgorithm().equals("EC")) {
            return wrapForEc(document, contentKey, certificate);
        }
        XMLCipher cipher = XMLCipher.getInstance(XMLCipher.RSA_OAEP_11, null, SHA256);
        cipher.init(XMLCipher.WRAP_MODE, certificate.getPublicKey());
        EncryptedKey wrapped =
                cipher.encryptKey(document, contentKey, EncryptionConstants.MGF1_SHA256, null);
        X509Data named = new X509Data(document);
        named.addIssuerSerial(
                certificate.getIssuerX500Principal().getName(), certificate.getSerialNumber());
        KeyInfo keyInfo = new KeyInfo(document);
        keyInfo.add(named);
        wrapped.setKeyInfo(keyInfo);
        return wrapped;
    }

    /** Names the recipient by its key, as Santuario does by itself. */
    private static EncryptedKey wrapForEc(
            Document document, Key contentKey, X509Certificate certificate)
            throws XMLSecurityException {
        XMLCipher cipher = XMLCipher.getInstance(EncryptionConstants.ALGO_ID_KEYWRAP_AES256);
        cipher.init(XMLCipher.WRAP_MODE, certificate.getPublicKey());
        ConcatKDFParams derivation =
                ConcatKDFParams.createBuilder(KEY_BITS, SHA256)
                        .algorithmID("0000")
                        .partyUInfo("0041")
                        .partyVInfo("0042")
                        .build();
        AlgorithmParameterSpec agreement =
                new KeyAgreementParameters(
                        KeyAgreementParameters.ActorType.ORIGINATOR,
                        EncryptionConstants.ALGO_ID_KEYAGREEMENT_ECDH_ES,
                        derivation);
        return cipher.encryptKey(document, contentKey, agreement, null);
    }

    private static void decrypt(Document document, Element element, PrivateKey key)
            throws Exception {
        XMLCipher cipher = XMLCipher.getInstance(XMLCipher.AES_256_GCM);
        cipher.init(XMLCipher.DECRYPT_MODE, null);
        cipher.setKEK(key);
        cipher.setSecureValidation(true);
        cipher.doFinal(document, element);
    }

    private static Element firstElement(Node parent) {
        for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element element) {
                return element;
            }
        }
        throw new IllegalArgumentException("the root has no element");
    }

    private static byte[] serialize(Document document) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        XMLUtils.outputDOM(document, output, true);
        return output.toByteArray();
    }
}
