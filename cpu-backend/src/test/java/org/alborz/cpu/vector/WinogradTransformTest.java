package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;

final class WinogradTransformTest {
    /** Bytes of code up to which the compiler puts a method into its callers: FreqInlineSize of all JDKs so far. */
    private static final int LARGEST_INLINED = 325;

    /**
     * The compiler gives up on the vectors of a method that has too many of them, and the transforms of a convolution together have. So each of
     * them is too large to become a part of another method, but what it consists of is not.
     */
    @Test
    void eachTransformOfImagesIsCompiledAlone() throws Exception {
        Map<String, Integer> sizes = sizes();
        assertThat(sizes).containsKeys("input", "output", "gradient", "sixToSix", "sixToFour", "fourToSix");
        sizes.forEach((name, size) -> {
            switch (name) {
                case "input", "output", "gradient" -> assertThat(size).as(name).isGreaterThan(LARGEST_INLINED);
                default -> assertThat(size).as(name).isLessThanOrEqualTo(LARGEST_INLINED);
            }
        });
    }

    /** 36 planes at the distance of a way of the first cache, or half of it, would displace each other. */
    @Test
    void planesNeverBeginAMultipleOf2KiBApart() {
        for (int numbers = 8; numbers < 5000; numbers += 8) {
            int plane = WinogradTransform.plane(numbers);
            assertThat(plane).as("distance of planes of %d", numbers).isGreaterThanOrEqualTo(numbers);
            assertThat(plane % 512).as("distance of planes of %d", numbers).isNotZero();
        }
    }

    /** Returns for each method where its last instruction begins, which is the last of its bytes since it returns nothing or one value. */
    private static Map<String, Integer> sizes() throws Exception {
        Path file = Path.of(
                WinogradTransform.class.getResource("WinogradTransform.class").toURI());
        StringWriter text = new StringWriter();
        ToolProvider javap = ToolProvider.findFirst("javap").orElseThrow();
        int status = javap.run(new PrintWriter(text), new PrintWriter(text), "-c", "-p", file.toString());
        assertThat(status).as(text.toString()).isZero();
        Pattern method = Pattern.compile("^  \\S.* (\\w+)\\(.*\\);$");
        Pattern instruction = Pattern.compile("^ +(\\d+): [a-z].*");
        Map<String, Integer> sizes = new HashMap<>();
        String name = null;
        for (String line : text.toString().lines().toList()) {
            Matcher declared = method.matcher(line);
            Matcher at = instruction.matcher(line);
            if (declared.matches()) {
                name = declared.group(1);
            } else if (name != null && at.matches()) {
                sizes.merge(name, Integer.parseInt(at.group(1)) + 1, Math::max);
            }
        }
        return sizes;
    }
}
