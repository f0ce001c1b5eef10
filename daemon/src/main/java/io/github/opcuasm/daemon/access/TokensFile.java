package io.github.opcuasm.daemon.access;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
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
import org.jspecify.annotations.Nullable;

/**
 * The file of named tokens: one JSON object a line, with the hash of each token and what it may do ({@link TokenLine}).
 * Blank lines are allowed.
 *
 * <p>Who changes it writes a new file beside it, with the same owner and mode, and moves that into its place: a daemon that
 * reads meanwhile sees the old or the new one. So that of two changes at a time none is lost, it holds a lock meanwhile: on
 * a file of its own, {@code .NAME.lock} beside it, which is empty and stays. The tokens file itself would not do: it is
 * another one after each change, and a lock on it would end whenever this process closes it somewhere (POSIX). Lines that
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
            return new Content(parse(lines(bytes())), warnings);
        } catch (NoSuchFileException e) {
            throw wrong("does not exist; \"token add\" makes it", e);
        } catch (IOException e) {
            throw wrong("cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * As {@link #read}, by who lets in whom the file names: its owner could give himself any token.
     *
     * @throws TokensFileException as there, or if it belongs neither to the user of this process nor to root
     */
    Content readTrusted() throws TokensFileException {
        try {
            if (isPosix(path)
                    && Files.getAttribute(path, "unix:uid") instanceof Integer uid
                    && uid != 0
                    && uid != new UnixSystem().getUid()) {
                throw wrong(
                        "belongs to " + Files.getOwner(path).getName()
                                + ", who could give himself any token; chown it to the daemon's user or to root",
                        null);
            }
        } catch (NoSuchFileException e) {
            return read();
        } catch (IOException e) {
            throw wrong("cannot be read: " + e.getMessage(), e);
        }
        return read();
    }

    private byte[] bytes() throws IOException, TokensFileException {
        if (Files.size(path) > MAX_BYTES) {
            throw wrong("is longer than " + MAX_BYTES + " bytes", null);
        }
        return Files.readAllBytes(path);
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
        change(false, lines -> {
            List<String> rest = lines.stream()
                    .filter(line ->
                            line.isBlank() || !TokenLine.read(line).name().equals(name))
                    .toList();
            if (rest.size() == lines.size()) {
                throw wrong("has no token of this name", null);
            }
            return rest;
        });
    }

    /** Lines to lines, of which all are right. */
    @FunctionalInterface
    private interface Edit {
        List<String> apply(List<String> lines) throws TokensFileException;
    }

    private void change(boolean create, Edit edit) throws TokensFileException {
        try {
            if (create && !Files.exists(path)) {
                createEmpty();
            }
            checkedMode();
            Path real = path.toRealPath();
            try (FileChannel lockFile = openLockFile(real);
                    FileLock lock = lockFile.lock()) {
                if (!lock.isValid()) {
                    throw new IOException("the lock on " + lockFile(real) + " was lost");
                }
                List<String> lines = lines(bytes());
                parse(lines);
                List<String> after = edit.apply(lines);
                parse(after);
                StringBuilder text = new StringBuilder();
                after.forEach(line -> text.append(line).append('\n'));
                replace(real, text.toString().getBytes(StandardCharsets.UTF_8));
            }
        } catch (OverlappingFileLockException e) {
            throw wrong("is being changed by another thread of this process; try again", e);
        } catch (NoSuchFileException e) {
            throw wrong("does not exist; \"token add\" makes it", e);
        } catch (IOException e) {
            throw wrong("cannot be changed: " + e.getMessage(), e);
        }
    }

    private static Path lockFile(Path real) {
        return real.resolveSibling("." + real.getFileName() + ".lock");
    }

    /** Nobody else opens it in this process while it is locked. It is the tokens file's owner's too: he changes it as well. */
    private static FileChannel openLockFile(Path real) throws IOException {
        Path path = lockFile(real);
        boolean made = false;
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            try {
                if (isPosix(real)) {
                    Files.createFile(path, OWNER_ONLY);
                } else {
                    Files.createFile(path);
                }
                made = true;
            } catch (FileAlreadyExistsException e) {
                made = false; // somebody else was faster
            }
        }
        if (made) {
            keepOwnerAndMode(real, path);
        }
        return FileChannel.open(path, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
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
        try {
            if (parent != null && isPosix(parent)) {
                Files.createFile(path, OWNER_ONLY);
            } else {
                Files.createFile(path);
            }
        } catch (FileAlreadyExistsException e) {
            return; // somebody else adds one too
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
            throw wrong("can be written by its group, which could give itself any token; chmod g-w", null);
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
