package io.github.opcuasm.daemon.access;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.opcua.AddressFilter;
import io.github.opcuasm.daemon.opcua.EndpointUrl;
import io.github.opcuasm.daemon.policy.AccessPolicy;
import io.github.opcuasm.daemon.policy.AccessRule;
import io.github.opcuasm.daemon.policy.EndpointPattern;
import io.github.opcuasm.daemon.policy.Grant;
import io.github.opcuasm.daemon.policy.NodePattern;
import io.github.opcuasm.daemon.policy.Scope;
import io.github.opcuasm.daemon.policy.Subject;
import io.github.opcuasm.daemon.session.Caller;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who a peer is, and what it may do.
 *
 * <p>A peer is recognised by the token that it shows, else by the user of its process, else it is anyone. What it may do is
 * the union of what applies to it: its token's grant, and the rules of the policy that are for it, its groups, its token or
 * anyone. With neither rules nor a grant of a token, everybody may do everything, as in the reference. Where there are
 * tokens, a peer without one must have a rule for its user or one of its groups.
 *
 * <p>Deciding never waits; files are read by {@link #load} and {@link #reload} only, which put one immutable snapshot in
 * the place of another. Thread-safe.
 */
public final class AccessControl {
    private static final Logger LOG = LoggerFactory.getLogger(AccessControl.class);
    /** Characters. Wrong tokens are slowed down, not stopped: what is shorter can be found by trying. */
    private static final int LENGTH_BEYOND_GUESSING = 16;

    private static final List<AppliedGrant> EVERYTHING = List.of(new AppliedGrant("the default", Grant.ALL));
    private static final Set<Scope> ADMIN = EnumSet.of(Scope.ADMIN);
    private static final List<AppliedGrant> AUTH_TOKEN = List.of(new AppliedGrant("the auth token", Grant.ALL));

    private final AccessPolicy policy;
    private final byte @Nullable [] authToken;
    private final @Nullable TokensFile tokensFile;
    private final InstantSource clock;
    private final AddressJudge addresses;
    private final RateLimits rates;
    private final boolean needsToken;
    private final boolean authTokenIsShort;
    private volatile KnownTokens tokens;
    private volatile UserGroups groups = UserGroups.NONE;

    /**
     * Reads nothing yet.
     *
     * @param authToken the single one that may do everything; null = none
     * @param tokensFile of the named ones; null = none
     */
    public AccessControl(
            AccessPolicy policy,
            @Nullable String authToken,
            @Nullable Path tokensFile,
            Ticker ticker,
            InstantSource clock) {
        this.policy = policy;
        this.authToken = authToken == null ? null : TokensFile.digest(authToken);
        this.tokensFile = tokensFile == null ? null : new TokensFile(tokensFile);
        this.clock = clock;
        this.addresses = new AddressJudge(policy.addresses());
        this.rates = new RateLimits(ticker);
        this.authTokenIsShort = authToken != null && authToken.length() < LENGTH_BEYOND_GUESSING;
        this.needsToken = authToken != null || tokensFile != null;
        this.tokens = new KnownTokens(this.authToken, List.of());
    }

    /**
     * Reads the tokens and the users' groups. Does I/O.
     *
     * @throws TokensFileException if the tokens file cannot be used; what was known before stays
     */
    public void load() throws TokensFileException {
        if (authTokenIsShort) {
            LOG.warn(
                    "The auth token has fewer than {} characters: it can be found by trying. \"token add\" makes ones that cannot",
                    LENGTH_BEYOND_GUESSING);
        }
        groups = UserGroups.ofSystem();
        if (tokensFile != null) {
            TokensFile.Content content = tokensFile.readTrusted();
            content.warnings().forEach(LOG::warn);
            tokens = new KnownTokens(authToken, content.tokens());
        }
    }

    /**
     * As {@link #load}; a tokens file that cannot be used is an error in the log, and the tokens stay as they were.
     *
     * @return whether everything was read
     */
    public boolean reload() {
        try {
            load();
            if (tokensFile != null) {
                LOG.info("The tokens were read again");
            }
            return true;
        } catch (TokensFileException e) {
            LOG.error("{}. The tokens stay as they were", e.messageText());
            return false;
        }
    }

    /** Whether a peer must show a token, or be a user that a rule is for. */
    public boolean needsToken() {
        return needsToken;
    }

    /** What a token is good for; null if it is none of ours, or has expired. */
    public @Nullable Credential recognise(String token) {
        byte[] sha256 = TokensFile.digest(token);
        return tokens.match(sha256, clock.instant()) == null
                ? null
                : new Credential(HexFormat.of().formatHex(sha256));
    }

    /** Who showed this credential; null if its token has been removed or has expired since. */
    public @Nullable Principal holderOf(Credential credential, LocalPeer peer) {
        KnownTokens.Match match = tokens.match(HexFormat.of().parseHex(credential.sha256()), clock.instant());
        if (match == null) {
            return null;
        }
        NamedToken named = match.named();
        return named == null
                ? new Principal(
                        Principal.Kind.AUTH_TOKEN,
                        "",
                        peer,
                        AUTH_TOKEN,
                        !peer.readOnly() || policy.shareHandles(),
                        addresses)
                : holderOf(named, peer);
    }

    private Principal holderOf(NamedToken token, LocalPeer peer) {
        List<AppliedGrant> grants = new ArrayList<>();
        grants.add(new AppliedGrant("token " + token.name(), token.grant()));
        for (AccessRule rule : policy.rules()) {
            if (rule.who().contains(Subject.ANYONE)
                    || rule.who().contains(new Subject(Subject.Kind.TOKEN, token.name()))) {
                grants.add(applied(rule));
            }
        }
        return principal(Principal.Kind.TOKEN, token.name(), peer, grants);
    }

    /**
     * Who a peer is that shows no token.
     *
     * @return null if it must show one: there are tokens, and no rule is for its user or one of its groups
     */
    public @Nullable Principal withoutToken(LocalPeer peer) {
        String user = peer.user();
        Principal.Kind kind = user == null ? Principal.Kind.ANYONE : Principal.Kind.USER;
        String id = user == null ? "" : user;
        if (policy.rules().isEmpty()) {
            return needsToken ? null : new Principal(kind, id, peer, EVERYTHING, policy.shareHandles(), addresses);
        }
        Set<Subject> known = subjects(peer);
        List<AppliedGrant> grants = new ArrayList<>();
        boolean meant = false;
        for (AccessRule rule : policy.rules()) {
            boolean isMeant = rule.who().stream().anyMatch(known::contains);
            meant |= isMeant;
            if (isMeant || rule.who().contains(Subject.ANYONE)) {
                grants.add(applied(rule));
            }
        }
        return needsToken && !meant ? null : principal(kind, id, peer, grants);
    }

    private Set<Subject> subjects(LocalPeer peer) {
        Set<Subject> known = new HashSet<>();
        String user = peer.user();
        if (user != null) {
            known.add(new Subject(Subject.Kind.USER, user));
            groups.of(user).forEach(group -> known.add(new Subject(Subject.Kind.GROUP, group)));
        }
        String group = peer.group();
        if (group != null) {
            known.add(new Subject(Subject.Kind.GROUP, group));
        }
        return known;
    }

    private static AppliedGrant applied(AccessRule rule) {
        return new AppliedGrant("rule " + rule.name(), rule.grant());
    }

    private Principal principal(Principal.Kind kind, String id, LocalPeer peer, List<AppliedGrant> grants) {
        boolean admin = !peer.readOnly()
                && grants.stream()
                        .map(AppliedGrant::grant)
                        .anyMatch(grant -> grant.scopes().contains(Scope.ADMIN)
                                && grant.endpoints().contains(EndpointPattern.ALL));
        return new Principal(kind, id, peer, List.copyOf(grants), admin || policy.shareHandles(), addresses);
    }

    /**
     * Who somebody would be, for explanations.
     *
     * @param as {@code user:NAME} without a token, {@code token:NAME} or {@code anyone}
     * @return null if there is no such token, or the user would have to show one
     * @throws IllegalArgumentException if it is of none of these forms
     */
    public @Nullable Principal supposed(String as, boolean readOnly) {
        Subject subject = Subject.parse(as);
        switch (subject.kind()) {
            case TOKEN -> {
                NamedToken named = tokens.named(subject.name());
                return named == null || named.isExpired(clock.instant())
                        ? null
                        : holderOf(named, new LocalPeer(null, null, readOnly));
            }
            case USER -> {
                return withoutToken(new LocalPeer(subject.name(), null, readOnly));
            }
            case ANYONE -> {
                return withoutToken(new LocalPeer(null, null, readOnly));
            }
            case GROUP ->
                throw new IllegalArgumentException("as: got a group, expected user:NAME, token:NAME or anyone");
        }
        throw new IllegalStateException("every kind is above");
    }

    /**
     * Takes one request from the principal's rates.
     *
     * @param changes whether it may change the plant
     * @param opens whether it may connect to a server
     * @throws io.github.opcuasm.protocol.CommandException {@code rate_limited}
     */
    public void charge(Principal principal, boolean changes, boolean opens) {
        rates.charge(principal, changes, opens);
    }

    /**
     * What the connections of a handle are judged by that an earlier daemon opened, for a principal that is not here: by
     * the ranges of today, and the servers that were the principal's then.
     *
     * @param key of the filter that it was opened with
     */
    public AddressFilter addressesOf(String key) {
        return addresses.filterOf(key);
    }

    /** The daemon itself, which opens what the configuration names: bound by the rules for addresses, as everybody is. */
    public Caller daemon() {
        Caller unbound = Caller.daemon();
        AddressFilter filter = addresses.filterForConfigured();
        return new Caller() {
            @Override
            public String name() {
                return unbound.name();
            }

            @Override
            public boolean mayUse(String owner) {
                return unbound.mayUse(owner);
            }

            @Override
            public AddressFilter addresses() {
                return filter;
            }
        };
    }

    /** Another one whenever what {@link #withoutToken} answers may have changed. */
    public Object snapshot() {
        return groups;
    }

    /** Whether the principal may change what everybody trusts of a server, as far as is known before it is connected to. */
    public Verdict judgeTrusting(Principal principal, EndpointUrl url) {
        return judge(principal, ADMIN, grant -> addresses.mightBeFor(grant, url) ? null : "is not for " + url.server());
    }

    /** Whether the principal has any of these scopes, somewhere. */
    public Verdict judge(Principal principal, Set<Scope> anyOf) {
        return judge(principal, anyOf, grant -> null);
    }

    /** Whether the principal may do this on a server that it is connected to. */
    public Verdict judge(Principal principal, Set<Scope> anyOf, EndpointUrl url) {
        return judge(principal, anyOf, grant -> addresses.isFor(grant, url) ? null : "is not for " + url.server());
    }

    /** Whether the principal may do this to a node of a server that it is connected to. */
    public Verdict judge(Principal principal, Set<Scope> anyOf, EndpointUrl url, TouchedNode node) {
        return judge(principal, anyOf, grant -> {
            if (!addresses.isFor(grant, url)) {
                return "is not for " + url.server();
            }
            return isFor(grant, node) ? null : "is not for " + node.text();
        });
    }

    /** Whether the principal may do this to a node, wherever that is. */
    public Verdict judge(Principal principal, Set<Scope> anyOf, TouchedNode node) {
        return judge(principal, anyOf, grant -> isFor(grant, node) ? null : "is not for " + node.text());
    }

    /**
     * Whether the principal may connect to a server. A name is only resolved when that is done, and each of its addresses
     * judged then ({@link Principal#addresses}): what passes here may still be refused.
     */
    public Verdict judgeConnecting(Principal principal, EndpointUrl url) {
        for (byte[] address : addresses.addressesOf(url)) {
            String denial = addresses.denial(address);
            if (denial != null) {
                return Verdict.deniedBy(
                        denial, url.server() + " falls under " + denial + ", which addresses.allow can lift");
            }
        }
        return judge(
                principal,
                AddressJudge.USE,
                grant -> addresses.mightBeFor(grant, url) ? null : "is not for " + url.server());
    }

    /** What a grant lacks beside the scope, to follow its name; null if nothing. */
    @FunctionalInterface
    private interface Limit {
        @Nullable
        String unmet(Grant grant);
    }

    private static Verdict judge(Principal principal, Set<Scope> anyOf, Limit limit) {
        List<String> reasons = new ArrayList<>();
        if (principal.isReadOnly() && !anyOf.contains(Scope.READ)) {
            return Verdict.deniedBy("the read-only socket", "the read-only socket lets nobody do more than read");
        }
        for (AppliedGrant applied : principal.grants()) {
            String unmet = principal.has(applied.grant(), anyOf)
                    ? limit.unmet(applied.grant())
                    : "has not the scope " + text(anyOf);
            if (unmet == null) {
                return Verdict.allowedBy(applied.source());
            }
            reasons.add(applied.source() + " " + unmet);
        }
        if (reasons.isEmpty()) {
            reasons.add("no rule is for " + principal.name());
        }
        return Verdict.denied(reasons);
    }

    private static String text(Set<Scope> anyOf) {
        return String.join(" or ", anyOf.stream().sorted().map(Scope::text).toList());
    }

    private static boolean isFor(Grant grant, TouchedNode node) {
        for (NodePattern pattern : grant.nodes()) {
            if (pattern.matches(node.index(), node.uri(), node.identifier())) {
                return true;
            }
        }
        return false;
    }
}
