package io.github.opcuasm.cli;

import io.github.opcuasm.daemon.DaemonConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The daemon's settings after all that had a say in them: command line over environment over config file over default;
 * the token alone goes by {@link TokenSource}'s order. Every setting is checked by itself, so that a wrong one is named
 * as its author wrote it.
 *
 * @param effective what was set, without the defaults
 * @param warnings for the log's first lines
 */
record DaemonSettings(
        DaemonConfig config, LogSettings log, Map<DaemonOption, Setting> effective, List<String> warnings) {

    /**
     * Puts the settings together.
     *
     * @throws UsageException for a wrong value on the command line
     * @throws ConfigurationException for everything else
     */
    static DaemonSettings of(
            Map<DaemonOption, Setting> commandLine, @Nullable Path configFile, Map<String, String> environment) {
        Map<DaemonOption, Setting> file = configFile == null ? Map.of() : ConfigFile.read(configFile);
        Map<DaemonOption, Setting> effective = new EnumMap<>(DaemonOption.class);
        effective.put(
                DaemonOption.SOCKET,
                new Setting(DaemonOption.SOCKET, List.of(Endpoints.defaultUri()), new Setting.Origin.Default()));
        effective.putAll(file);
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
        List<String> warnings = new ArrayList<>();
        target.config.authToken(new TokenSource(environment, warnings::add).resolve(commandLine, file));
        return new DaemonSettings(build(target), target.log(), effective, List.copyOf(warnings));
    }

    /** Each setting was checked by itself: what is refused now does not go together with another one. */
    private static DaemonConfig build(DaemonOption.Target target) {
        try {
            return target.config.build();
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException("--" + e.getMessage());
        }
    }

    /** Applies the setting alone and builds: what DaemonConfig refuses is then this setting's fault. */
    private static void check(Setting setting) {
        var alone = new DaemonOption.Target();
        alone.config.sockets(List.of(Endpoints.parse(Endpoints.defaultUri())));
        alone.config.cachePath(Path.of("."));
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
            throw setting.refuse(reason);
        } catch (ConfigurationException e) {
            throw new ConfigurationException(setting.origin().name(setting.option()) + ": " + e.getMessage());
        }
    }
}
