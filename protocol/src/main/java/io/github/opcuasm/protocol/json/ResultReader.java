package io.github.opcuasm.protocol.json;

import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.ByteString;
import io.github.opcuasm.protocol.type.EndpointDescription;
import io.github.opcuasm.protocol.type.UserTokenPolicy;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** Reads the results of methods in the shapes that {@link ResultWriter} gives them. */
public final class ResultReader {
    private static final BigInteger MAX_INT = BigInteger.valueOf(Integer.MAX_VALUE);

    private ResultReader() {}

    /** An EndpointDescription of an answer. */
    public static EndpointDescription endpointDescription(JsonValue json) {
        Members members = Members.of(json, "endpoint", ErrorType.ENCODING);
        JsonValue certificate = members.raw("serverCertificate");
        List<UserTokenPolicy> policies = new ArrayList<>();
        List<JsonValue> tokens = members.required("userIdentityTokens").asArray();
        if (tokens == null) {
            throw members.wrong("userIdentityTokens", "an array");
        }
        tokens.forEach(token -> policies.add(userTokenPolicy(token)));
        return new EndpointDescription(
                members.optionalString("endpointUrl"),
                certificate instanceof JsonValue.Null
                        ? null
                        : (ByteString) new ScalarReader(ErrorType.ENCODING, "serverCertificate")
                                .required(certificate, BuiltinType.BYTE_STRING),
                members.whole("securityMode", MAX_INT).intValueExact(),
                members.optionalString("securityPolicyUri"),
                members.whole("securityLevel", MAX_INT).intValueExact(),
                members.optionalString("transportProfileUri"),
                policies);
    }

    private static UserTokenPolicy userTokenPolicy(JsonValue json) {
        Members members = Members.of(json, "userTokenPolicy", ErrorType.ENCODING);
        return new UserTokenPolicy(
                members.optionalString("policyId"),
                members.whole("tokenType", MAX_INT).intValueExact(),
                members.optionalString("issuedTokenType"),
                members.optionalString("issuerEndpointUrl"),
                members.optionalString("securityPolicyUri"));
    }
}
