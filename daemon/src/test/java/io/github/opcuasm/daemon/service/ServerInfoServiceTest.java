package io.github.opcuasm.daemon.service;

import static io.github.opcuasm.daemon.Failures.resultOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.opcuasm.daemon.Ticker;
import io.github.opcuasm.daemon.service.ServerInfoService.Component;
import io.github.opcuasm.protocol.CommandException;
import io.github.opcuasm.protocol.ErrorType;
import io.github.opcuasm.protocol.type.BuildInfo;
import io.github.opcuasm.protocol.type.BuiltinType;
import io.github.opcuasm.protocol.type.DataValue;
import io.github.opcuasm.protocol.type.DateTime;
import io.github.opcuasm.protocol.type.StatusCode;
import io.github.opcuasm.protocol.type.Variant;
import io.github.opcuasm.simulator.Service;
import java.util.Objects;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ServerInfoServiceTest {
    private final ServiceFixture fixture = new ServiceFixture();
    private final ServerInfoService servers = new ServerInfoService(new AttributeService(Ticker.SYSTEM));

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void eachComponentIsTheServers() throws Exception {
        CallContext context = fixture.context("{}");

        BuildInfo info = resultOf(servers.buildInfo(context));

        assertThat(info.productName()).isEqualTo("OPC UA simulator");
        assertThat(info.manufacturerName()).isEqualTo("opcua-session-manager");
        assertThat(info.softwareVersion()).isNotEmpty();
        assertThat(resultOf(servers.component(context, Component.PRODUCT_NAME))).isEqualTo(info.productName());
        assertThat(resultOf(servers.component(context, Component.MANUFACTURER_NAME)))
                .isEqualTo(info.manufacturerName());
        assertThat(resultOf(servers.component(context, Component.SOFTWARE_VERSION)))
                .isEqualTo(info.softwareVersion());
        assertThat(resultOf(servers.component(context, Component.BUILD_NUMBER))).isEqualTo(info.buildNumber());
        assertThat(resultOf(servers.component(context, Component.BUILD_DATE))).isEqualTo(info.buildDate());
    }

    @Test
    void allComponentsAreOneRequest() throws Exception {
        CallContext context = fixture.context("{}");
        long before = fixture.simulator.counters().received(Service.READ);

        resultOf(servers.buildInfo(context));

        assertThat(fixture.simulator.counters().received(Service.READ)).isEqualTo(before + 1);
    }

    @Test
    void whatTheServerDoesNotHaveOrLeavesEmptyIsNull() {
        assertThat(ServerInfoService.valueOf(Component.BUILD_NUMBER, bad(StatusCodes.Bad_NodeIdUnknown)))
                .isNull();
        assertThat(ServerInfoService.valueOf(Component.BUILD_NUMBER, DataValue.of(Variant.NULL)))
                .isNull();
        assertThat(ServerInfoService.valueOf(
                        Component.BUILD_DATE, DataValue.of(Variant.scalar(BuiltinType.DATE_TIME, DateTime.NULL))))
                .isNull();
        assertThat(ServerInfoService.valueOf(
                        Component.BUILD_DATE, DataValue.of(Variant.scalar(BuiltinType.DATE_TIME, DateTime.MAX))))
                .isEqualTo(DateTime.MAX);
    }

    @Test
    void whatTheServerRefusesToTellIsAnErrorWithItsCode() {
        CommandException error = Objects.requireNonNull(catchThrowableOfType(
                CommandException.class,
                () -> ServerInfoService.valueOf(Component.MANUFACTURER_NAME, bad(StatusCodes.Bad_UserAccessDenied))));

        assertThat(error.type()).isEqualTo(ErrorType.SERVICE);
        assertThat(error.statusCode()).isEqualTo(StatusCodes.Bad_UserAccessDenied);
        assertThat(error.messageText()).contains("ManufacturerName", "Bad_UserAccessDenied");
    }

    private static DataValue bad(long code) {
        return new DataValue(Variant.NULL, new StatusCode(code), null, null);
    }
}
