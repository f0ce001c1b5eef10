package io.github.opcuasm.daemon.command;

import io.github.opcuasm.daemon.service.ServerInfoService;
import io.github.opcuasm.daemon.service.ServerInfoService.Component;

/** The methods that tell which software the server is; section 6 of the protocol has them. */
final class ServerInfoMethods {
    private final ServerInfoService servers;

    ServerInfoMethods(ServerInfoService servers) {
        this.servers = servers;
    }

    void addTo(MethodTable.Rows rows) {
        component(rows, "getServerProductName", Component.PRODUCT_NAME);
        component(rows, "getServerManufacturerName", Component.MANUFACTURER_NAME);
        component(rows, "getServerSoftwareVersion", Component.SOFTWARE_VERSION);
        component(rows, "getServerBuildNumber", Component.BUILD_NUMBER);
        component(rows, "getServerBuildDate", Component.BUILD_DATE);
        rows.reading6("getServerBuildInfo", (context, p) -> servers.buildInfo(context));
    }

    private void component(MethodTable.Rows rows, String name, Component component) {
        rows.reading6(name, (context, p) -> servers.component(context, component));
    }
}
