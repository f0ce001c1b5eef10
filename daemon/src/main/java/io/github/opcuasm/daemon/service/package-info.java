/** One class per OPC UA service set, named as in Part 4. */
@NullMarked
package io.github.opcuasm.daemon.service;

import org.jspecify.annotations.NullMarked;
