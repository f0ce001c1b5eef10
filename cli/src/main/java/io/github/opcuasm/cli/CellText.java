package io.github.opcuasm.cli;

/** Text as a terminal shows it: how many columns it takes, and how it is cut to fewer. */
final class CellText {
    private static final String ELLIPSIS = "…";

    private CellText() {}

    /** How many columns it takes: East Asian wide characters and emoji two, marks on the character before none. */
    static int width(String text) {
        return text.codePoints().map(CellText::width).sum();
    }

    private static int width(int codePoint) {
        int type = Character.getType(codePoint);
        if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK || type == Character.FORMAT) {
            return 0;
        }
        boolean wide = codePoint >= 0x1100
                && (codePoint <= 0x115F
                        || (codePoint >= 0x2E80 && codePoint <= 0xA4CF)
                        || (codePoint >= 0xAC00 && codePoint <= 0xD7A3)
                        || (codePoint >= 0xF900 && codePoint <= 0xFAFF)
                        || (codePoint >= 0xFE30 && codePoint <= 0xFE6F)
                        || (codePoint >= 0xFF00 && codePoint <= 0xFF60)
                        || (codePoint >= 0x1F300 && codePoint <= 0x1FAFF)
                        || (codePoint >= 0x20000 && codePoint <= 0x3FFFD));
        return wide ? 2 : 1;
    }

    /** The text, or as much of its beginning as fits beside an ellipsis. */
    static String cut(String text, int columns) {
        if (width(text) <= columns) {
            return text;
        }
        var kept = new StringBuilder();
        int left = columns - 1;
        for (int at = 0; at < text.length(); at = text.offsetByCodePoints(at, 1)) {
            left -= width(text.codePointAt(at));
            if (left < 0) {
                break;
            }
            kept.appendCodePoint(text.codePointAt(at));
        }
        return columns < 1 ? "" : kept + ELLIPSIS;
    }

    /** The text, or as much of its end as fits beside an ellipsis: of node ids the end tells more. */
    static String cutAtBegin(String text, int columns) {
        if (width(text) <= columns) {
            return text;
        }
        int begin = text.length();
        int left = columns - 1;
        while (begin > 0) {
            left -= width(text.codePointBefore(begin));
            if (left < 0) {
                break;
            }
            begin = text.offsetByCodePoints(begin, -1);
        }
        return columns < 1 ? "" : ELLIPSIS + text.substring(begin);
    }

    static String pad(String text, int columns) {
        return text + " ".repeat(Math.max(0, columns - width(text)));
    }

    /** One line, which no terminal takes for a command. */
    static String line(String text) {
        return text.replaceAll("[\\p{Cntrl}\u0080-\u009F\u2028\u2029]", " ");
    }
}
