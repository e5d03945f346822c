package org.alborz.examples.lessons;

/**
 * A number that a lesson computed beside that of the notes, or a statement that held or did not.
 *
 * @param what what the number is, such as {@code hinge loss of image 1}
 * @param ours the number that was computed; 1 or 0 for a statement
 * @param notes the notes' number as they print it; empty for a statement
 */
public record Finding(String what, double ours, String notes, Verdict verdict) {
    /** Whether both agree. */
    public enum Verdict {
        /** They agree, or the statement holds. */
        AGREES("yes"),

        /** They do not. */
        DIFFERS("NO"),

        /** The notes' number is about other data or another size. */
        NOT_COMPARED("-");

        private final String word;

        Verdict(String word) {
            this.word = word;
        }

        /** Returns the word that is printed. */
        public String word() {
            return word;
        }
    }
}
