package io.github.opcuasm.daemon.state;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals records for their files, and opens them.
 *
 * <p>A file begins with a line in clear, {@code opcuasm-state VERSION KEY-ID LENGTH}, which tells what it is to people and
 * to later versions; LENGTH is what follows in bytes. Then a nonce of 12 bytes, fresh for each write, and the body in
 * AES-256-GCM. The line and the file's name are authenticated with it: a file under another's name, or with another line,
 * does not open. An older file of the same name does, so whoever may write the directory can turn a record back.
 *
 * <p>Nonces are random: two to the 32 writes under one key are safe (NIST SP 800-38D, 8.3), 20 a second for six years.
 */
final class StateSeal {
    static final int KEY_BYTES = 32;
    private static final int VERSION = 1;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int KEY_ID_BYTES = 8;
    private static final int LONGEST_HEADER = 100;
    private static final String MAGIC = "opcuasm-state ";
    private static final Pattern HEADER =
            Pattern.compile("opcuasm-state ([0-9]{1,9})(?: ([0-9a-f]{16}) ([0-9]{1,9}))?.*");

    private final SecretKeySpec key;
    private final String keyId;
    private final SecureRandom random = new SecureRandom();

    StateSeal(byte[] key) {
        this.key = new SecretKeySpec(key, "AES");
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            byte[] id = mac.doFinal("opcuasm-state key id".getBytes(StandardCharsets.US_ASCII));
            this.keyId = HexFormat.of().formatHex(id, 0, KEY_ID_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HmacSHA256", e);
        }
    }

    /** Tells keys apart, without telling them. */
    String keyId() {
        return keyId;
    }

    /** A key for another purpose, which tells nothing of this one. */
    byte[] derive(String purpose, byte[] context) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key.getEncoded(), "HmacSHA256"));
            mac.update(("opcuasm-state " + purpose + "\n").getBytes(StandardCharsets.US_ASCII));
            return mac.doFinal(context);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HmacSHA256", e);
        }
    }

    /** @param file the name that it will be read by */
    byte[] seal(String file, byte[] body) {
        int length = NONCE_BYTES + body.length + TAG_BITS / 8;
        byte[] header = (MAGIC + VERSION + " " + keyId + " " + length + "\n").getBytes(StandardCharsets.US_ASCII);
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        byte[] sealed = Arrays.copyOf(header, header.length + length);
        System.arraycopy(nonce, 0, sealed, header.length, NONCE_BYTES);
        try {
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE, nonce, header, file);
            cipher.doFinal(body, 0, body.length, sealed, header.length + NONCE_BYTES);
            return sealed;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has AES-GCM", e);
        }
    }

    /**
     * The body.
     *
     * @throws DamagedStateException with what is wrong
     */
    byte[] open(String file, byte[] content) throws DamagedStateException {
        int end = endOfLine(content);
        Matcher header = HEADER.matcher(new String(content, 0, end, StandardCharsets.US_ASCII));
        if (end == content.length || !header.matches()) {
            throw new DamagedStateException(content.length == 0 ? "is empty" : "is none of ours, or truncated");
        }
        if (!header.group(1).equals(Integer.toString(VERSION))) {
            throw new DamagedStateException("is of version " + header.group(1) + ", which this version does not read");
        }
        if (header.group(2) == null) {
            throw new DamagedStateException("is none of ours, or truncated");
        }
        if (!header.group(2).equals(keyId)) {
            throw new DamagedStateException("is sealed under another key");
        }
        int start = end + 1;
        int length = Integer.parseInt(header.group(3));
        if (content.length - start < length || length < NONCE_BYTES + TAG_BITS / 8) {
            throw new DamagedStateException("is truncated");
        }
        try {
            byte[] nonce = Arrays.copyOfRange(content, start, start + NONCE_BYTES);
            Cipher cipher = cipher(Cipher.DECRYPT_MODE, nonce, Arrays.copyOf(content, start), file);
            return cipher.doFinal(content, start + NONCE_BYTES, content.length - start - NONCE_BYTES);
        } catch (AEADBadTagException e) {
            throw new DamagedStateException("was changed, or belongs under another name", e);
        } catch (GeneralSecurityException e) {
            throw new DamagedStateException("cannot be opened", e);
        }
    }

    private Cipher cipher(int mode, byte[] nonce, byte[] header, String file) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(header);
        cipher.updateAAD(file.getBytes(StandardCharsets.US_ASCII));
        return cipher;
    }

    private static int endOfLine(byte[] content) {
        int longest = Math.min(content.length, LONGEST_HEADER);
        for (int i = 0; i < longest; i++) {
            if (content[i] == '\n') {
                return i;
            }
        }
        return content.length;
    }
}
