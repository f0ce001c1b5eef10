package io.github.opcuasm.protocol.type;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One page of a browse (Part 4, 5.9.2).
 *
 * @param continuationPoint what the next page is asked with, opaque; null on the last page
 */
public record BrowseResultSet(
        List<ReferenceDescription> references, @Nullable String continuationPoint) {}
