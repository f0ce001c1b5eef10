package io.github.opcuasm.daemon.state;

import io.github.opcuasm.daemon.lifecycle.PrivateFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The key of the state in its file, {@code own/state.key}: 32 random bytes, made once, for this user alone. It lies beside
 * the daemon's private key, so that whoever copies the records without {@code own} has copied no secret.
 */
final class StateKey {
    private static final Logger LOG = LoggerFactory.getLogger(StateKey.class);
    private static final String NAME = "state.key";

    private final Path own;
    private final Path file;
    private final SetAside setAside;

    /** @param own the directory of the daemon's own secrets; made if it is not there */
    StateKey(Path own, SetAside setAside) {
        this.own = own;
        this.file = own.resolve(NAME);
        this.setAside = setAside;
    }

    /**
     * A key, in force from now on.
     *
     * @param lost why it is not the one of before: {@code is missing}; null if it is
     */
    record Found(StateSeal seal, @Nullable String lost) {}

    /**
     * Reads it; makes another one if there is none, or none that is of use.
     *
     * @throws IOException if what is there cannot be read now, or none can be made
     */
    Found load() throws IOException {
        String lost;
        try {
            if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && PrivateFiles.shut(file)) {
                LOG.warn("The key of the state {} was open to other users and is shut", file);
            }
            byte[] key = PrivateFiles.read(file, StateSeal.KEY_BYTES);
            if (key.length == StateSeal.KEY_BYTES) {
                return new Found(new StateSeal(key), null);
            }
            lost = "has " + key.length + " bytes instead of " + StateSeal.KEY_BYTES;
        } catch (NoSuchFileException e) {
            lost = "is missing";
        } catch (PrivateFiles.UnfitFileException e) {
            lost = e.getMessage();
        }
        setAside.move(file);
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            // It may be the key that everything was sealed with: somebody has to look at it.
            throw new IOException("the key of the state " + lost + " and is in the way of another one");
        }
        PrivateFiles.makeDirectory(own);
        byte[] key = new byte[StateSeal.KEY_BYTES];
        new SecureRandom().nextBytes(key);
        PrivateFiles.replace(file, key);
        return new Found(new StateSeal(key), lost);
    }
}
