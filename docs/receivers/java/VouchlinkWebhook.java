import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public final class VouchlinkWebhook {
    /**
     * Whether it is to be believed. The three texts are the headers, and {@code payload} is the body
     * before anything parsed it. In envelope mode all four are members of the body's JSON, and
     * {@code payload} is that text in UTF-8.
     */
    public static boolean verify(
            String secret, String id, String timestamp, String signature, byte[] payload)
            throws GeneralSecurityException {
        if (id == null || signature == null || timestamp == null || !timestamp.matches("[0-9]{1,12}")) {
            return false;
        }
        if (Math.abs(Instant.now().getEpochSecond() - Long.parseLong(timestamp)) > 300) {
            return false;
        }
        byte[] key = secret.startsWith("whsec_")
                ? Base64.getDecoder().decode(secret.substring(6))
                : secret.getBytes(UTF_8);
        if (key.length < 24) {
            return false; // An empty one is everybody's.
        }
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        mac.update((id + "." + timestamp + ".").getBytes(UTF_8));
        byte[] expected = ("v1," + Base64.getEncoder().encodeToString(mac.doFinal(payload))).getBytes(UTF_8);
        for (String one : signature.split(" ")) {
            if (MessageDigest.isEqual(expected, one.getBytes(UTF_8))) {
                return true;
            }
        }
        return false;
    }
}
