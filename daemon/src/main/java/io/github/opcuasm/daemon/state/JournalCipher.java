package io.github.opcuasm.daemon.state;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Seals the blocks of one journal file with AES-256-GCM, under a key of that file's own: it is derived from the state's
 * key and from random bytes that the file's first line tells. The nonce is the block's position, so that a block opens at
 * its place in its file and nowhere else; a place is written once (see {@link JournalFile}).
 */
final class JournalCipher {
    static final int TAG_BYTES = 16;
    static final int FILE_ID_BYTES = 16;
    /** The longest that {@link #header} may be. */
    static final int LONGEST_HEADER = 100;

    private static final int NONCE_BYTES = 12;
    private static final String MAGIC = "opcuasm-journal ";
    private static final int VERSION = 1;
    private static final Pattern HEADER =
            Pattern.compile("opcuasm-journal ([0-9]{1,9})(?: ([0-9a-f]{16}) ([0-9a-f]{32}))?.*");

    private final SecretKeySpec key;
    private final byte[] header;
    private final byte[] name;

    /**
     * @param key of this file alone
     * @param header the first line, with its end
     * @param name of the file
     */
    private JournalCipher(byte[] key, byte[] header, String name) {
        this.key = new SecretKeySpec(key, "AES");
        this.header = header;
        this.name = name.getBytes(StandardCharsets.US_ASCII);
    }

    /** For a new file of this name. */
    static JournalCipher of(StateSeal seal, byte[] fileId, String name) {
        String line =
                MAGIC + VERSION + " " + seal.keyId() + " " + HexFormat.of().formatHex(fileId) + "\n";
        return new JournalCipher(seal.derive("journal", fileId), line.getBytes(StandardCharsets.US_ASCII), name);
    }

    /**
     * For a file that begins so.
     *
     * @param line without its end; null if there is none
     * @throws DamagedStateException if it is not ours
     */
    static JournalCipher of(StateSeal seal, @Nullable String line, String name) throws DamagedStateException {
        Matcher parts = HEADER.matcher(line == null ? "" : line);
        if (!parts.matches()) {
            throw new DamagedStateException("is none of ours");
        }
        if (!parts.group(1).equals(Integer.toString(VERSION))) {
            throw new DamagedStateException("is of version " + parts.group(1) + ", which this version does not read");
        }
        if (parts.group(2) == null) {
            throw new DamagedStateException("is none of ours");
        }
        if (!parts.group(2).equals(seal.keyId())) {
            throw new DamagedStateException("is sealed under another key");
        }
        return of(seal, HexFormat.of().parseHex(parts.group(3)), name);
    }

    /** The first line of the file, with its end. */
    byte[] header() {
        return header.clone();
    }

    byte[] seal(long position, byte[] body) {
        try {
            return cipher(Cipher.ENCRYPT_MODE, position).doFinal(body);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has AES-GCM", e);
        }
    }

    /** @throws DamagedStateException if this is not what was sealed for this position */
    byte[] open(long position, byte[] sealed) throws DamagedStateException {
        try {
            return cipher(Cipher.DECRYPT_MODE, position).doFinal(sealed);
        } catch (AEADBadTagException e) {
            throw new DamagedStateException("was changed, or belongs under another name", e);
        } catch (GeneralSecurityException e) {
            throw new DamagedStateException("cannot be opened", e);
        }
    }

    private Cipher cipher(int mode, long position) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        byte[] nonce = ByteBuffer.allocate(NONCE_BYTES)
                .putLong(NONCE_BYTES - Long.BYTES, position)
                .array();
        cipher.init(mode, key, new GCMParameterSpec(TAG_BYTES * 8, nonce));
        cipher.updateAAD(header);
        cipher.updateAAD(name);
        return cipher;
    }
}
