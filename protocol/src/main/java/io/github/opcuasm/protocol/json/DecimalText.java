package io.github.opcuasm.protocol.json;

import com.fasterxml.jackson.core.io.NumberOutput;

/**
 * Fractional numbers as text: the shortest digits that read back, always with a fraction, in plain notation while that
 * is readable ({@code 1795376140.089068}) and with an exponent beyond ({@code 1.0E23}).
 *
 * <p>The digits come from Jackson's writer: JDK 17's own is not always the shortest (fixed in 19). It uses an exponent
 * from 10^7 on and below 10^-3; within the plain range the point is moved here.
 */
final class DecimalText {
    private static final int MIN_PLAIN_EXPONENT = -6;
    private static final int MAX_PLAIN_EXPONENT = 16;

    private DecimalText() {}

    /** The text of a finite number. */
    static String of(double value) {
        return plain(NumberOutput.toString(value, true));
    }

    /** The text of a finite number, the shortest that reads back as a float. */
    static String of(float value) {
        return plain(NumberOutput.toString(value, true));
    }

    /** Takes {@code [-]D.DDDE[-]X}, or what has no exponent already. */
    private static String plain(String text) {
        int mark = text.lastIndexOf('E');
        if (mark < 0) {
            return text;
        }
        int exponent = Integer.parseInt(text, mark + 1, text.length(), 10);
        if (exponent < MIN_PLAIN_EXPONENT || exponent > MAX_PLAIN_EXPONENT) {
            return text;
        }
        int first = text.charAt(0) == '-' ? 1 : 0;
        StringBuilder digits = new StringBuilder(32).append(text, first, mark).deleteCharAt(1);
        if (digits.length() == 2 && digits.charAt(1) == '0') {
            digits.setLength(1);
        }
        if (exponent < 0) {
            digits.insert(0, "0".repeat(-exponent)).insert(1, '.');
        } else {
            while (digits.length() < exponent + 2) {
                digits.append('0');
            }
            digits.insert(exponent + 1, '.');
        }
        return first == 0 ? digits.toString() : digits.insert(0, '-').toString();
    }
}
