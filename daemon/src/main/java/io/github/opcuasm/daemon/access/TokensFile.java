package io.github.opcuasm.daemon.access;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The file of named tokens: one JSON object a line, with the hash of each token and what it may do ({@link TokenLine}).
 * Blank lines are allowed.
 *
 * <p>Who changes it holds a lock on it, writes a new file beside it, with the same owner and mode, and moves that into its
 * place: a daemon that reads meanwhile sees the old or the new one, and of two changes at a time none is lost. Lines that
 * are not meant stay as they are, byte by byte. Does I/O where it is called: never on an event loop.
 */
public final class TokensFile {
    private static final int MAX_BYTES = 4 * 1024 * 1024;
    private static final int TOKEN_BYTES = 32;
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path path;

    /** Touches nothing yet. */
    public TokensFile(Path path) {
        this.path = path;
    }

    /**
     * What a tokens file holds.
     *
     * @param warnings what an operator should change about the file
     */
    public record Content(List<NamedToken> tokens, List<String> warnings) {
        public Content {
            tokens = List.copyOf(tokens);
            warnings = List.copyOf(warnings);
        }
    }

    /** A new token: 256 random bits as 43 characters that need no quoting anywhere. */
    public static String newToken(SecureRandom random) {
        byte[] bits = new byte[TOKEN_BYTES];
        random.nextBytes(bits);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
    }

    /** What the file keeps of a token: SHA-256 of its text in UTF-8, lower-case hex. */
    public static String sha256(String token) {
        return HexFormat.of().formatHex(digest(token));
    }

    static byte[] digest(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /**
     * Reads and checks it all.
     *
     * @throws TokensFileException if it cannot be read, if others may write it, or if a line is wrong
     */
    public Content read() throws TokensFileException {
        try {
            List<String> warnings = checkedMode();
            if (Files.size(path) > MAX_BYTES) {
                throw wrong("is longer than " + MAX_BYTES + " bytes", null);
            }
            return new Content(parse(lines(Files.readAllBytes(path))), warnings);
        } catch (NoSuchFileException e) {
            throw wrong("does not exist; \"token add\" makes it", e);
        } catch (IOException e) {
            throw wrong("cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Adds a token; makes the file, with mode 0600, if it does not exist.
     *
     * @throws TokensFileException if there is one of this name or hash, or the file is wrong or cannot be written
     */
    public void add(NamedToken token) throws TokensFileException {
        change(true, lines -> {
            List<String> all = new ArrayList<>(lines);
            all.add(TokenLine.write(token));
            return all;
        });
    }

    /**
     * Removes the token of this name.
     *
     * @throws TokensFileException if there is none, or the file is wrong or cannot be written
     */
    public void remove(String name) throws TokensFileException {
        if (read().tokens().stream().noneMatch(token -> token.name().equals(name))) {
            throw wrong("has no token of this name", null);
        }
        change(
                false,
                lines -> lines.stream()
                        .filter(line ->
                                line.isBlank() || !TokenLine.read(line).name().equals(name))
                        .toList());
    }

    private void change(boolean create, UnaryOperator<List<String>> edit) throws TokensFileException {
        try {
            if (create && !Files.exists(path)) {
                createEmpty();
            }
            while (!changedUnderLock(path.toRealPath(), edit)) {
                // Somebody else moved a new file into its place: again, with that one.
            }
        } catch (IOException e) {
            throw wrong("cannot be changed: " + e.getMessage(), e);
        }
    }

    private boolean changedUnderLock(Path real, UnaryOperator<List<String>> edit)
            throws IOException, TokensFileException {
        try (FileChannel channel = FileChannel.open(real, StandardOpenOption.READ, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            if (!lock.isValid() || channel.size() > MAX_BYTES) {
                throw wrong("is longer than " + MAX_BYTES + " bytes", null);
            }
            byte[] before = bytes(channel);
            if (!MessageDigest.isEqual(before, Files.readAllBytes(real))) {
                return false;
            }
            List<String> lines = lines(before);
            parse(lines);
            List<String> after = edit.apply(lines);
            parse(after);
            StringBuilder text = new StringBuilder();
            after.forEach(line -> text.append(line).append('\n'));
            replace(real, text.toString().getBytes(StandardCharsets.UTF_8));
            return true;
        }
    }

    private static byte[] bytes(FileChannel channel) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate((int) channel.size());
        int read = 0;
        while (buffer.hasRemaining() && read >= 0) {
            read = channel.read(buffer);
        }
        return buffer.array();
    }

    private static void replace(Path real, byte[] content) throws IOException {
        Path directory = real.toAbsolutePath().getParent();
        Path beside = isPosix(real)
                ? Files.createTempFile(directory, ".tokens", ".tmp", OWNER_ONLY)
                : Files.createTempFile(directory, ".tokens", ".tmp");
        try {
            try (FileChannel out = FileChannel.open(beside, StandardOpenOption.WRITE)) {
                ByteBuffer rest = ByteBuffer.wrap(content);
                while (rest.hasRemaining()) {
                    out.write(rest);
                }
                out.force(true);
            }
            keepOwnerAndMode(real, beside);
            Files.move(beside, real, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(beside, real, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(beside);
        }
    }

    /** The daemon may run as another user than who changes its tokens: it must be able to read the new file too. */
    private static void keepOwnerAndMode(Path from, Path to) throws IOException {
        if (!isPosix(from)) {
            return;
        }
        PosixFileAttributes old = Files.readAttributes(from, PosixFileAttributes.class);
        PosixFileAttributeView view = Files.getFileAttributeView(to, PosixFileAttributeView.class);
        PosixFileAttributes now = view.readAttributes();
        if (!now.group().equals(old.group())) {
            view.setGroup(old.group());
        }
        view.setPermissions(old.permissions());
        if (!now.owner().equals(old.owner())) {
            view.setOwner(old.owner());
        }
    }

    private void createEmpty() throws IOException {
        Path parent = path.toAbsolutePath().getParent();
        if (parent != null && isPosix(parent)) {
            Files.createFile(path, OWNER_ONLY);
        } else {
            Files.createFile(path);
        }
    }

    private static boolean isPosix(Path path) {
        return Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS) != null;
    }

    private List<String> checkedMode() throws IOException, TokensFileException {
        List<String> warnings = new ArrayList<>();
        PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
        if (view == null) {
            return warnings;
        }
        Set<PosixFilePermission> mode = view.readAttributes().permissions();
        if (mode.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw wrong("can be written by others, who could give themselves any token; chmod o-w", null);
        }
        if (mode.contains(PosixFilePermission.GROUP_WRITE)) {
            warnings.add("The tokens file can be written by its group, which can thereby do everything; chmod g-w");
        }
        if (mode.contains(PosixFilePermission.OTHERS_READ)) {
            warnings.add("The tokens file can be read by others; chmod o-r");
        }
        return warnings;
    }

    private static List<String> lines(byte[] content) {
        List<String> lines = new ArrayList<>(List.of(new String(content, StandardCharsets.UTF_8).split("\n", -1)));
        if (lines.get(lines.size() - 1).isEmpty()) {
            lines.remove(lines.size() - 1);
        }
        return lines;
    }

    private List<NamedToken> parse(List<String> lines) throws TokensFileException {
        List<NamedToken> tokens = new ArrayList<>();
        Set<String> names = new HashSet<>();
        Set<String> hashes = new HashSet<>();
        int number = 0;
        for (String line : lines) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            try {
                NamedToken token = TokenLine.read(line);
                if (!names.add(token.name())) {
                    throw new IllegalArgumentException("name: there is a token of this name already");
                }
                if (!hashes.add(token.sha256())) {
                    throw new IllegalArgumentException("sha256: another token has this hash already");
                }
                tokens.add(token);
            } catch (IllegalArgumentException e) {
                throw wrong("line " + number + ": " + e.getMessage(), e);
            }
        }
        return tokens;
    }

    private TokensFileException wrong(String what, @Nullable Throwable cause) {
        return new TokensFileException("The tokens file " + path + " " + what, cause);
    }
}
