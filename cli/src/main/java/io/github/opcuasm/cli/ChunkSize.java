package io.github.opcuasm.cli;

import io.github.opcuasm.client.Json;
import io.github.opcuasm.client.RequestFailedException;
import java.math.BigInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * How many bytes of a file go in one request: what was asked for, within what the server takes (MaxByteStringLength), and,
 * upwards, what a request to the daemon may hold. Answers have no such bound.
 *
 * @param asked null if nothing was asked for
 */
record ChunkSize(@Nullable Integer asked) {
    /** More makes nothing faster. */
    static final int USUAL = 256 * 1024;

    private static final int MOST = 16 * 1024 * 1024;
    private static final String OPTION = "--chunk";
    private static final Pattern FORM = Pattern.compile("([0-9]{1,9})([kKmM]?)");

    /** What daemons take at least, and what the client sends without a connection of its own for it. */
    private static final int USUAL_FRAME = 65_536;

    /** What a request has besides the file's content and the node id: names, numbers, a token. */
    private static final int OVERHEAD = 1_024;

    static void declare(CommandSpec spec) {
        spec.addOption(Syntax.value(
                "BYTES", "how much goes in one request, such as 64k (as much as server and daemon take)", OPTION));
    }

    static ChunkSize of(ParseResult given) {
        String text = given.matchedOptionValue(OPTION, (String) null);
        if (text == null) {
            return new ChunkSize(null);
        }
        Matcher form = FORM.matcher(text);
        long unit =
                !form.matches() || form.group(2).isEmpty() ? 1 : form.group(2).matches("[kK]") ? 1_024 : 1_048_576;
        long bytes = form.matches() ? Long.parseLong(form.group(1)) * unit : 0;
        if (bytes < 1 || bytes > MOST) {
            throw new UsageException(OPTION + ": got " + text + ", expected 1 to 16M bytes, such as 4096, 64k or 1M");
        }
        return new ChunkSize((int) bytes);
    }

    /** Of a file that is read. */
    int reading(RemoteFile file) {
        return bounded(file, asked == null ? USUAL : asked);
    }

    /** Of a file that is written. */
    int writing(Call call, RemoteFile file) {
        long frame = asked == null ? Math.min(USUAL_FRAME, maxFrameBytes(call)) : maxFrameBytes(call);
        String token = call.access().options().token();
        long content = frame
                - OVERHEAD
                - Json.text(Json.of(file.nodeId())).length() * 2L
                - (token == null ? 0 : token.length());
        // Base64 makes four characters of three bytes.
        long most = Math.max(3, content / 4 * 3);
        return bounded(file, (int) Math.min(asked == null ? USUAL : asked, Math.min(MOST, most)));
    }

    private static int bounded(RemoteFile file, int wanted) {
        long byServer = file.maxByteStringLength();
        return byServer > 0 && byServer < wanted ? (int) byServer : wanted;
    }

    private static long maxFrameBytes(Call call) {
        try {
            BigInteger most = DataTypes.whole(call.client().hello().limits().get("maxFrameBytes"));
            return most == null || most.bitLength() > 31 ? USUAL_FRAME : most.longValue();
        } catch (RequestFailedException e) {
            return USUAL_FRAME; // a daemon that says nothing of itself
        }
    }
}
