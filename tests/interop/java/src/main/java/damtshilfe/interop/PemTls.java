package damtshilfe.interop;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import org.apache.cxf.configuration.jsse.TLSClientParameters;

/** TLS with a client certificate, from PEM files. */
final class PemTls {

    private static final char[] PASSWORD = "in memory only".toCharArray();
    private static final Pattern PEM_BLOCK =
            Pattern.compile("-----BEGIN ([A-Z ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");

    private PemTls() {}

    /** The first file holds certificate (with its chain) and key (PKCS#8), the second the CA. */
    static TLSClientParameters load(Path identity, Path authority)
            throws IOException, GeneralSecurityException {
        KeyManagerFactory keys =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(storeIdentity(Files.readString(identity)), PASSWORD);
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(storeAuthority(Files.readString(authority)));
        TLSClientParameters parameters = new TLSClientParameters();
        parameters.setKeyManagers(keys.getKeyManagers());
        parameters.setTrustManagers(trust.getTrustManagers());
        return parameters;
    }

    private static KeyStore storeIdentity(String pem)
            throws IOException, GeneralSecurityException {
        List<Certificate> chain = readCertificates(pem);
        KeyStore store = makeStore();
        PrivateKey key = readKey(pem, chain.get(0).getPublicKey().getAlgorithm());
        store.setKeyEntry("identity", key, PASSWORD, chain.toArray(Certificate[]::new));
        return store;
    }

    private static KeyStore storeAuthority(String pem)
            throws IOException, GeneralSecurityException {
        KeyStore store = makeStore();
        for (Certificate certificate : readCertificates(pem)) {
            store.setCertificateEntry("authority-" + store.size(), certificate);
        }
        return store;
    }

    private static KeyStore makeStore() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    static PrivateKey readKey(String pem, String algorithm)
            throws GeneralSecurityException {
        byte[] key = decodeBlocks(pem, "PRIVATE KEY").get(0);
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(key));
    }

    static List<Certificate> readCertificates(String pem) throws GeneralSecurityException {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<byte[]> blocks = decodeBlocks(pem, "CERTIFICATE");
        List<Certificate> certificates = new ArrayList<>();
        for (byte[] block : blocks) {
            certificates.add(factory.generateCertificate(new ByteArrayInputStream(block)));
        }
        return certificates;
    }

    private static List<byte[]> decodeBlocks(String pem, String label) {
        List<byte[]> blocks =
                PEM_BLOCK
                        .matcher(pem)
                        .results()
                        .filter(block -> block.group(1).equals(label))
                        .map(block -> Base64.getMimeDecoder().decode(block.group(2)))
                        .toList();
        if (blocks.isEmpty()) {
            throw new IllegalArgumentException("no " + label + " in the PEM file");
        }
        return blocks;
    }
}
