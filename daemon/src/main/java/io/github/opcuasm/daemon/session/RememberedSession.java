package io.github.opcuasm.daemon.session;

import io.github.opcuasm.daemon.opcua.ResumableSession;
import io.github.opcuasm.daemon.state.DamagedStateException;
import io.github.opcuasm.daemon.state.PartReader;
import io.github.opcuasm.daemon.state.PartWriter;
import io.github.opcuasm.daemon.state.StatePart;
import io.github.opcuasm.daemon.state.StateRecord;
import java.io.IOException;
import java.util.List;

/**
 * An OPC UA session as it is remembered, since its first activation.
 *
 * @param record its name in the store: {@code session-…}
 */
record RememberedSession(String record, SessionOrigin origin, ResumableSession left) {
    static final String KIND = StateRecord.SESSION;
    private static final String ORIGIN = "origin";
    private static final String ACTIVATION = "activation";
    private static final int VERSION = 1;

    static List<StatePart> parts(SessionOrigin origin, ResumableSession left) {
        PartWriter out = new PartWriter().text(origin.endpointUrl()).text(origin.addressesKey());
        RememberedConfig.write(out, origin.config());
        return List.of(
                new StatePart(ORIGIN, VERSION, out.toBytes()), new StatePart(ACTIVATION, VERSION, left.encode()));
    }

    static RememberedSession of(StateRecord record) throws DamagedStateException {
        PartReader in = record.require(ORIGIN, VERSION);
        String endpointUrl = in.text();
        String addressesKey = in.text();
        SessionConfig config = RememberedConfig.read(in);
        in.end();
        byte[] activation = record.part(ACTIVATION, VERSION);
        try {
            return new RememberedSession(
                    record.name(),
                    SessionOrigin.remembered(endpointUrl, config, addressesKey),
                    ResumableSession.decode(activation == null ? new byte[0] : activation));
        } catch (IOException e) {
            throw new DamagedStateException("holds no session that can be resumed", e);
        }
    }
}
