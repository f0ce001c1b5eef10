package io.github.opcuasm.daemon.session;

import io.github.opcuasm.daemon.state.DamagedStateException;
import io.github.opcuasm.daemon.state.PartReader;
import io.github.opcuasm.daemon.state.PartWriter;
import io.github.opcuasm.daemon.state.StatePart;
import io.github.opcuasm.daemon.state.StateRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A handle as it is remembered.
 *
 * @param id 32 hex digits, as peers know it
 * @param sequence as {@link SessionHandle#sequence}
 * @param owner the principal's name
 * @param connection the name in the configuration that it was asked for by first; null if by none
 * @param askedFor whether that name is what its holders mean by it
 * @param alone whether it was opened for an OPC UA session of its own
 * @param session the record of the OPC UA session that it uses
 * @param materials {@link Materials#fingerprint} of the files that the config names
 * @param holdersSince when each holder came, oldest first
 */
record RememberedHandle(
        String id,
        long sequence,
        SessionOrigin origin,
        String owner,
        @Nullable String connection,
        AskedFor askedFor,
        boolean alone,
        String session,
        String materials,
        Instant lastUsed,
        List<Instant> holdersSince) {
    static final String KIND = StateRecord.HANDLE;
    private static final String HANDLE = "handle";
    private static final String ASKED_FOR = "askedFor";
    private static final int VERSION = 1;

    String record() {
        return record(id);
    }

    static String record(String id) {
        return KIND + id;
    }

    List<StatePart> parts() {
        PartWriter out = new PartWriter()
                .number(sequence)
                .text(origin.endpointUrl())
                .text(origin.addressesKey())
                .text(owner)
                .textOrNull(connection)
                .flag(alone)
                .text(session)
                .text(materials)
                .number(lastUsed.toEpochMilli())
                .number(holdersSince.size());
        holdersSince.forEach(since -> out.number(since.toEpochMilli()));
        RememberedConfig.write(out, origin.config());
        return List.of(
                new StatePart(HANDLE, VERSION, out.toBytes()),
                new StatePart(
                        ASKED_FOR,
                        VERSION,
                        new PartWriter().text(askedFor.name()).toBytes()));
    }

    static RememberedHandle of(StateRecord record) throws DamagedStateException {
        PartReader in = record.require(HANDLE, VERSION);
        long sequence = in.number();
        String endpointUrl = in.text();
        String addressesKey = in.text();
        String owner = in.text();
        String connection = in.textOrNull();
        boolean alone = in.flag();
        String session = in.text();
        String materials = in.text();
        Instant lastUsed = Instant.ofEpochMilli(in.number());
        List<Instant> holdersSince = new ArrayList<>();
        for (int left = in.count(Long.BYTES); left > 0; left--) {
            holdersSince.add(Instant.ofEpochMilli(in.number()));
        }
        SessionConfig config = RememberedConfig.read(in);
        in.end();
        SessionOrigin origin = SessionOrigin.remembered(endpointUrl, config, addressesKey);
        return new RememberedHandle(
                record.name().substring(KIND.length()),
                sequence,
                origin,
                owner,
                connection,
                askedFor(record, connection),
                alone,
                session,
                materials,
                lastUsed,
                holdersSince);
    }

    /** Of a record without it nobody knows. */
    private static AskedFor askedFor(StateRecord record, @Nullable String connection) throws DamagedStateException {
        byte[] part = record.part(ASKED_FOR, VERSION);
        if (part == null) {
            return connection == null ? AskedFor.BY_URL : AskedFor.BY_BOTH;
        }
        try {
            return AskedFor.valueOf(new PartReader(part).text());
        } catch (IllegalArgumentException e) {
            throw new DamagedStateException("was asked for in a way that this version does not know", e);
        }
    }
}
