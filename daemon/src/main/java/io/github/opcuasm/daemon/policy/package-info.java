/**
 * What the configuration says about who may do what: values that check themselves, each made of the text that stands in a
 * file. They know nobody; {@code daemon.access} decides by them.
 */
@NullMarked
package io.github.opcuasm.daemon.policy;

import org.jspecify.annotations.NullMarked;
