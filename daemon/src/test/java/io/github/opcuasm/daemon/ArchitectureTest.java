package io.github.opcuasm.daemon;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.Architectures;
import com.tngtech.archunit.library.GeneralCodingRules;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.junit.jupiter.api.Test;

/** The arrows of docs/architecture.md, over the classes that are shipped. */
final class ArchitectureTest {
    private static final String BASE = "io.github.opcuasm.daemon";
    private static final String NETTY = "io.netty..";
    private static final String MILO = "org.eclipse.milo..";

    /** Read once: it takes seconds, and no rule changes it. */
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(BASE);

    /**
     * A request goes ipc, command, service, session, opcua; what is on its way knows only what comes after it. The
     * listeners know nobody: a handler is given to them. The commands speak to the sessions too (open, close), and read
     * states and URLs of the last layer.
     */
    @Test
    void packagesKnowOnlyWhatIsBehindThem() {
        Architectures.layeredArchitecture()
                .consideringOnlyDependenciesInAnyPackage(BASE + "..")
                .layer("contracts")
                .definedBy(DescribedPredicate.describe(
                        "what all packages share", type -> type.getPackageName().equals(BASE) && !isWiring(type)))
                .layer("wiring")
                .definedBy(DescribedPredicate.describe("the wiring", ArchitectureTest::isWiring))
                .layer("ipc")
                .definedBy(BASE + ".ipc..")
                .layer("command")
                .definedBy(BASE + ".command..")
                .layer("service")
                .definedBy(BASE + ".service..")
                .layer("session")
                .definedBy(BASE + ".session..")
                .layer("opcua")
                .definedBy(BASE + ".opcua..")
                .layer("lifecycle")
                .definedBy(BASE + ".lifecycle..")
                .optionalLayer("subscription")
                .definedBy(BASE + ".subscription..")
                .optionalLayer("datatype")
                .definedBy(BASE + ".datatype..")
                .layer("filter")
                .definedBy(BASE + ".filter..")
                .layer("aggregate")
                .definedBy(BASE + ".aggregate..")
                .optionalLayer("cache")
                .definedBy(BASE + ".cache..")
                .layer("certificate")
                .definedBy(BASE + ".certificate..")
                .optionalLayer("access")
                .definedBy(BASE + ".access..")
                .optionalLayer("audit")
                .definedBy(BASE + ".audit..")
                .optionalLayer("state")
                .definedBy(BASE + ".state..")
                .optionalLayer("sink")
                .definedBy(BASE + ".sink..")
                .optionalLayer("publish")
                .definedBy(BASE + ".publish..")
                .layer("policy")
                .definedBy(BASE + ".policy..")
                .whereLayer("wiring")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("contracts")
                .mayOnlyAccessLayers("policy")
                .whereLayer("policy")
                .mayNotAccessAnyLayer()
                .whereLayer("ipc")
                .mayOnlyAccessLayers("contracts", "lifecycle")
                .whereLayer("command")
                .mayOnlyAccessLayers(
                        "contracts",
                        "ipc",
                        "service",
                        "aggregate",
                        "filter",
                        "subscription",
                        "session",
                        "cache",
                        "opcua",
                        "certificate",
                        "access",
                        "policy",
                        "audit")
                .whereLayer("service")
                .mayOnlyAccessLayers(
                        "contracts", "aggregate", "filter", "subscription", "session", "datatype", "cache", "opcua")
                .whereLayer("aggregate")
                .mayNotAccessAnyLayer()
                .whereLayer("filter")
                .mayOnlyAccessLayers("contracts", "opcua")
                .whereLayer("publish")
                .mayOnlyAccessLayers("contracts", "service", "subscription", "session", "sink", "opcua")
                .whereLayer("sink")
                .mayOnlyAccessLayers("contracts", "lifecycle")
                .whereLayer("subscription")
                .mayOnlyAccessLayers("contracts", "filter", "session", "state", "opcua")
                .whereLayer("datatype")
                .mayOnlyAccessLayers("contracts", "opcua")
                .whereLayer("cache")
                .mayOnlyAccessLayers("contracts")
                .whereLayer("session")
                .mayOnlyAccessLayers("contracts", "opcua", "certificate", "state")
                .whereLayer("state")
                .mayOnlyAccessLayers("contracts", "lifecycle")
                .whereLayer("opcua")
                .mayOnlyAccessLayers("contracts", "certificate")
                .whereLayer("access")
                .mayOnlyAccessLayers("contracts", "policy", "session", "opcua")
                .whereLayer("audit")
                .mayOnlyAccessLayers("contracts")
                .whereLayer("certificate")
                .mayOnlyAccessLayers("contracts", "lifecycle")
                .whereLayer("lifecycle")
                .mayOnlyAccessLayers("contracts")
                .check(CLASSES);
    }

    @Test
    void packagesFormNoCircle() {
        SlicesRuleDefinition.slices()
                .matching(BASE + ".(*)..")
                .should()
                .beFreeOfCycles()
                .check(CLASSES);
    }

    @Test
    void nettyStaysAtTheTwoEnds() {
        noClasses()
                .that()
                .resideOutsideOfPackages(BASE + ".ipc..", BASE + ".opcua..")
                .and()
                .haveNameNotMatching(".*\\.SessionManagerDaemon(\\$.*)?")
                .should()
                .dependOnClassesThat(resideInAnyPackage(NETTY))
                .check(CLASSES);
    }

    @Test
    void stackTypesOfMiloStayInServicesAndSessionsOnTheWire() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        BASE + ".service..",
                        BASE + ".filter..",
                        BASE + ".subscription..",
                        BASE + ".datatype..",
                        BASE + ".opcua..")
                .should()
                .dependOnClassesThat(resideInAnyPackage(MILO))
                .check(CLASSES);
    }

    @Test
    void clientServerAndTransportOfMiloAreNotUsedAtAll() {
        noClasses()
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        "org.eclipse.milo.opcua.sdk.client..",
                        "org.eclipse.milo.opcua.sdk.server..",
                        "org.eclipse.milo.opcua.stack.transport.."))
                .check(CLASSES);
    }

    @Test
    void loggingGoesThroughSlf4jOnly() {
        noClasses()
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage("ch.qos.logback..", "java.util.logging..", "org.apache.log4j.."))
                .check(CLASSES);
        GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(CLASSES);
    }

    private static boolean isWiring(JavaClass type) {
        return type.getName().startsWith(BASE + ".SessionManagerDaemon");
    }
}
