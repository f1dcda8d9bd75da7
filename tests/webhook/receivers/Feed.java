import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.Scanner;

/** A line a delivery, five fields in base64, "-" for one that is missing; a line with true or false out. */
public final class Feed {
    public static void main(String[] arguments) throws Exception {
        Scanner lines = new Scanner(System.in, UTF_8);
        while (lines.hasNextLine()) {
            String[] fields = lines.nextLine().split(" ");
            byte[] payload = Base64.getDecoder().decode(fields[4]);
            System.out.println(VouchlinkWebhook.verify(
                    text(fields[0]), text(fields[1]), text(fields[2]), text(fields[3]), payload));
        }
    }

    private static String text(String field) {
        return field.equals("-") ? null : new String(Base64.getDecoder().decode(field), UTF_8);
    }
}
