package io.github.opcuasm.simulator;

import java.util.stream.IntStream;

/** What the variables of folder Big hold, made anew at each call so that tests can compare. */
public final class BigValues {
    /** Elements of each array. */
    public static final int ARRAY_LENGTH = 100_000;

    /** UTF-16 characters of the String, and bytes of the ByteString: 5 Mi. */
    public static final int TEXT_LENGTH = 5 * 1024 * 1024;

    /** Children of the folder. */
    public static final int FOLDER_SIZE = 10_000;

    // 32 characters, 38 bytes in UTF-8: each length that a character can have, a quote, a control character.
    private static final String UNIT = "0123456789 \"quoted\" \u00E9\u00E9\u4E09\uD83D\uDEB0\t\\ abcd";

    private BigValues() {}

    /** Big/Array100k: element i is i times 21,474, wrapped to 32 bits. */
    public static Integer[] int32s() {
        return IntStream.range(0, ARRAY_LENGTH).mapToObj(i -> i * 21_474).toArray(Integer[]::new);
    }

    /** Big/Doubles100k: element i is the square root of i. */
    public static Double[] doubles() {
        return IntStream.range(0, ARRAY_LENGTH).mapToObj(Math::sqrt).toArray(Double[]::new);
    }

    /** Big/String5MB: {@link #TEXT_LENGTH} characters, some of which take two, three or four bytes in UTF-8. */
    public static String string() {
        return UNIT.repeat(TEXT_LENGTH / UNIT.length());
    }

    /** Big/ByteString5MB: {@link #TEXT_LENGTH} bytes of all values, not periodic in 256. */
    public static byte[] bytes() {
        byte[] bytes = new byte[TEXT_LENGTH];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i ^ (i >>> 8) ^ (i >>> 16));
        }
        return bytes;
    }
}
