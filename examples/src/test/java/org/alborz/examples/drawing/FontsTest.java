package org.alborz.examples.drawing;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;

class FontsTest {
    /** What Java without fontconfig, without fonts and without libfreetype throws, and what it throws when asked again. */
    @Test
    void aJavaWithoutFontsIsToldSo() {
        refuses(() -> {
            throw new Error("Probable fatal error: No physical fonts found.");
        });
        refuses(() -> {
            throw new InternalError(new NullPointerException("fontconfig"));
        });
        refuses(() -> {
            throw new IllegalStateException("Fontconfig head is null, check your fonts or fonts configuration");
        });
        refuses(() -> {
            throw new UnsatisfiedLinkError("libfreetype.so.6: cannot open shared object file");
        });
        refuses(() -> {
            throw new NoClassDefFoundError("Could not initialize class sun.awt.X11FontManager");
        });
    }

    private static void refuses(Runnable text) {
        assertThatIllegalStateException()
                .isThrownBy(() -> Fonts.require(text))
                .withMessageContaining("Pictures need fonts")
                .withMessageContaining("Install fontconfig and a font");
    }

    @Test
    void thisJavaDraws() {
        assertThatCode(Fonts::require).doesNotThrowAnyException();
    }
}
