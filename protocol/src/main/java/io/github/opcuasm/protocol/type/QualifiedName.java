package io.github.opcuasm.protocol.type;

/**
 * A name qualified by a namespace (Part 3, 8.3).
 *
 * @param namespaceIndex 0 to 65535
 * @param name empty for the null name
 */
public record QualifiedName(int namespaceIndex, String name) {
    public static final QualifiedName NULL = new QualifiedName(0, "");

    public QualifiedName {
        if (namespaceIndex < 0 || namespaceIndex > 65_535) {
            throw new IllegalArgumentException("namespaceIndex: got " + namespaceIndex + ", expected 0 to 65535");
        }
    }

    /** {@code 2:Speed}, without {@code 0:} for namespace 0. */
    @Override
    public String toString() {
        return namespaceIndex == 0 ? name : namespaceIndex + ":" + name;
    }
}
