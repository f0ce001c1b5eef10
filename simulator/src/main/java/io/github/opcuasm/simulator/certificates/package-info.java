/**
 * Certificates for tests: authorities, leafs with every defect that a check has to find, revocation lists, and the
 * forms of file in which they come. {@link io.github.opcuasm.simulator.certificates.CertificateTemplate} is the
 * entrance.
 *
 * <p>Keys are shared by everything in the JVM unless asked otherwise, since an RSA key takes longer to make than most
 * tests take. Nothing of this is fit to protect anything.
 */
@NullMarked
package io.github.opcuasm.simulator.certificates;

import org.jspecify.annotations.NullMarked;
