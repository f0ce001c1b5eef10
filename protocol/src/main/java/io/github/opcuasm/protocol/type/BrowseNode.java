package io.github.opcuasm.protocol.type;

import java.util.List;

/**
 * A reference with what was found below its target.
 *
 * @param children empty too where the depth ended or the node had been met before
 */
public record BrowseNode(ReferenceDescription reference, List<BrowseNode> children) {}
