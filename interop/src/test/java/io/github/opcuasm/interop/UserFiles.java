package io.github.opcuasm.interop;

import io.github.opcuasm.simulator.certificates.CertificateFiles;
import io.github.opcuasm.simulator.certificates.CertificateTemplate;
import io.github.opcuasm.simulator.certificates.IssuedCertificate;
import java.nio.file.Path;

/** The users that the secured servers know: one by name, one by a certificate (DER) with a key (PEM). */
record UserFiles(IssuedCertificate user, Path certificate, Path key) {
    static final String NAME = "operator";
    static final String PASSWORD = "secret";

    /** Makes a user's certificate and writes its files into this directory. */
    static UserFiles in(Path directory) {
        IssuedCertificate user = CertificateTemplate.user(NAME).selfSigned();
        CertificateFiles files = new CertificateFiles(directory);
        return new UserFiles(
                user, files.der("user.der", user.certificate()), files.pkcs8Pem("user.pem", user.privateKey()));
    }
}
