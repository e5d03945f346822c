package org.alborz.text;

/** Writes fields of comma-separated values (RFC 4180). */
public final class Csv {
    private Csv() {}

    /**
     * Returns a text as a field: between quotation marks, those within doubled, where it holds one, the separator or the end of a line.
     *
     * @param separator what stands between fields, such as {@code ","}
     */
    public static String field(String text, String separator) {
        boolean plain =
                !text.contains(separator) && text.indexOf('"') < 0 && text.indexOf('\r') < 0 && text.indexOf('\n') < 0;
        return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
    }
}
