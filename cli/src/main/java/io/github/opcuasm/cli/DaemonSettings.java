package io.github.opcuasm.cli;

import io.github.opcuasm.daemon.DaemonConfig;
import io.github.opcuasm.daemon.session.NamedConnections;
import io.github.opcuasm.protocol.CommandException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The daemon's settings after all that had a say in them: command line over environment over config file over default;
 * the token alone goes by {@link DaemonToken}'s order. Every setting is checked by itself, so that a wrong one is named
 * as its author wrote it.
 *
 * @param connections servers by name, and what may be shown of them
 * @param effective what was set, without the defaults
 * @param warnings for the log's first lines
 */
record DaemonSettings(
        DaemonConfig config,
        LogSettings log,
        Map<DaemonOption, Setting> effective,
        List<ConnectionsSection.Configured> connections,
        List<String> warnings) {

    /**
     * Puts the settings together.
     *
     * @throws UsageException for a wrong value on the command line
     * @throws ConfigurationException for everything else
     */
    static DaemonSettings of(
            Map<DaemonOption, Setting> commandLine, @Nullable Path configFile, Map<String, String> environment) {
        List<String> warnings = new ArrayList<>();
        ConfigFile file =
                configFile == null ? ConfigFile.NONE : ConfigFile.read(configFile, environment, warnings::add);
        Map<DaemonOption, Setting> effective = new EnumMap<>(DaemonOption.class);
        effective.put(
                DaemonOption.SOCKET,
                new Setting(DaemonOption.SOCKET, List.of(Endpoints.defaultUri()), new Setting.Origin.Default()));
        effective.putAll(file.settings());
        String socket = environment.get(Endpoints.ENVIRONMENT);
        if (socket != null && !socket.isEmpty()) {
            effective.put(
                    DaemonOption.SOCKET,
                    new Setting(
                            DaemonOption.SOCKET,
                            List.of(socket),
                            new Setting.Origin.Environment(Endpoints.ENVIRONMENT)));
        }
        effective.putAll(commandLine);

        var target = new DaemonOption.Target();
        for (Setting setting : effective.values()) {
            check(setting);
            setting.option().apply(setting.values(), target);
        }
        target.config.authToken(new DaemonToken(environment, warnings::add).resolve(commandLine, file.settings()));
        ConfigNode access = file.access();
        if (access != null) {
            target.config.accessPolicy(AccessSection.read(access));
        }
        target.config.budgets(file.budgets());
        target.config.connections(file.connections().stream()
                .map(ConnectionsSection.Configured::connection)
                .toList());
        DaemonConfig config = build(target, effective);
        checkConnections(config, file.connections());
        if (config.readOnlySocket() != null && config.endpoints().contains(config.readOnlySocket())) {
            throw new ConfigurationException("--read-only-socket: got " + config.readOnlySocket()
                    + ", expected another endpoint than those of --socket");
        }
        warnings.addAll(risks(config));
        return new DaemonSettings(config, target.log(), effective, file.connections(), List.copyOf(warnings));
    }

    /** Each was read by itself: what is refused now does not go together with an option. */
    private static void checkConnections(DaemonConfig config, List<ConnectionsSection.Configured> connections) {
        for (ConnectionsSection.Configured configured : connections) {
            try {
                NamedConnections.Connection unused =
                        NamedConnections.Connection.of(configured.connection(), config.allowDeprecatedPolicies());
            } catch (CommandException e) {
                throw new ConfigurationException(
                        configured.place() + ": " + e.messageText().replaceFirst("^config\\.[A-Za-z]+: ", ""));
            }
        }
    }

    /** What was asked for and is allowed, yet should not go unnoticed. */
    private static List<String> risks(DaemonConfig config) {
        List<String> risks = new ArrayList<>();
        if (config.defaultTrust() == DaemonConfig.DefaultTrust.NONE) {
            risks.add("--default-trust none: any server is believed, an impostor too;"
                    + " first-use notices a certificate that changes");
        }
        if (config.defaultTrust() == DaemonConfig.DefaultTrust.STRICT && config.stateDir() == null) {
            risks.add(
                    "--default-trust strict without --state-dir: the daemon's end forgets what `trust approve` accepted");
        }
        if (config.allowDeprecatedPolicies()) {
            risks.add("--allow-deprecated-policies: Basic256 and Basic128Rsa15 rest on SHA-1 and no longer protect;"
                    + " leave it out when the old devices are gone");
        }
        return risks;
    }

    /** Each setting was checked by itself: what is refused now does not go together with another one. */
    private static DaemonConfig build(DaemonOption.Target target, Map<DaemonOption, Setting> effective) {
        try {
            return target.config.build();
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            for (Setting setting : effective.values()) {
                String prefix = setting.option().longName() + ": ";
                if (message.startsWith(prefix)) {
                    throw new ConfigurationException(
                            setting.origin().name(setting.option()) + ": " + message.substring(prefix.length()));
                }
            }
            throw new ConfigurationException("--" + message);
        }
    }

    /** Applies the setting alone and builds: what DaemonConfig refuses is then this setting's fault. */
    private static void check(Setting setting) {
        var alone = new DaemonOption.Target();
        alone.config.sockets(List.of(Endpoints.parse(Endpoints.defaultUri())));
        alone.config.cachePath(Path.of("."));
        alone.config.stateDir(Path.of("."));
        try {
            setting.option().apply(setting.values(), alone);
            DaemonConfig unused = alone.config.build();
        } catch (IllegalArgumentException e) {
            String reason = String.valueOf(e.getMessage());
            String prefix = setting.option().longName() + ": ";
            if (reason.startsWith(prefix)) {
                int expected = reason.indexOf(", expected ");
                reason = "got " + String.join(",", setting.values()) + (expected < 0 ? "" : reason.substring(expected));
            }
            if (setting.isConcealed()) {
                int expected = reason.lastIndexOf(", expected ");
                reason = "got a value that does not fit" + (expected < 0 ? "" : reason.substring(expected));
            }
            throw setting.refuse(reason);
        } catch (ConfigurationException e) {
            String reason = setting.isConcealed() ? "got a value that does not fit" : String.valueOf(e.getMessage());
            throw new ConfigurationException(setting.origin().name(setting.option()) + ": " + reason);
        }
    }
}
