@NullMarked
package io.github.opcuasm.client;

import org.jspecify.annotations.NullMarked;
