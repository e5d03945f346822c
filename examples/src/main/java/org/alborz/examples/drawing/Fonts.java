package org.alborz.examples.drawing;

import java.awt.Font;
import java.awt.font.FontRenderContext;

/** Whether this Java can draw text; a Java without windows may come without fonts. */
public final class Fonts {
    private Fonts() {}

    /**
     * Refuses to draw where text cannot be drawn.
     *
     * @throws IllegalStateException saying what is missing and how to install it
     */
    public static void require() {
        require(() -> new Font(Font.SANS_SERIF, Font.PLAIN, 13)
                .getStringBounds("x", new FontRenderContext(null, true, true)));
    }

    /** As the other, with what draws text: a Java without fonts throws one of many exceptions and errors, {@code Error} itself among them. */
    static void require(Runnable text) {
        try {
            text.run();
        } catch (OutOfMemoryError e) {
            throw e;
        } catch (RuntimeException | Error e) {
            throw new IllegalStateException(
                    "Pictures need fonts, and this Java (" + System.getProperty("java.home") + ") can draw none: "
                            + e.toString().replaceFirst("\\.$", "")
                            + ". Install fontconfig and a font, on Debian and Ubuntu by 'apt install fontconfig fonts-dejavu-core'.",
                    e);
        }
    }
}
