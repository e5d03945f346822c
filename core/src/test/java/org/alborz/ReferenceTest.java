package org.alborz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Holds {@code docs/reference.md} to the sources; {@code -Dalborz.reference=write} writes it again. */
@Tag("sources")
final class ReferenceTest {
    private static final Path PAGE = Path.of("../docs/reference.md");

    private static final Pattern COMPUTES = Pattern.compile(
            "^public (?:abstract |final )*class (?!Activations)[\\s\\S]*^    public Tensor (?:forward|terms)\\(",
            Pattern.MULTILINE);

    @Test
    void thePageIsThatOfTheSources() throws IOException {
        String expected = ReferencePage.text();
        if ("write".equals(System.getProperty("alborz.reference"))) {
            Files.writeString(PAGE, expected);
        }
        assertThat(Files.readString(PAGE))
                .as("docs/reference.md; write it again with"
                        + " ./mvnw test -pl core -Dtest=ReferenceTest -Dalborz.reference=write")
                .isEqualTo(expected);
    }

    /** What computes a tensor says which shapes it takes, in the third column. */
    @Test
    void layersLossesAndModelsSayTheirShapes() throws IOException {
        for (String folder : List.of("nn", "models")) {
            try (Stream<Path> files = Files.list(ReferencePage.SOURCES.resolve(folder))) {
                for (Path file : files.toList()) {
                    String source = Files.readString(file);
                    String name = file.getFileName().toString().replace(".java", "");
                    if (COMPUTES.matcher(source).find()) {
                        assertThat(ReferencePage.shapes(source, name))
                                .as("documentation of forward or terms in " + file)
                                .isNotBlank();
                    }
                }
            }
        }
    }

    @Test
    void whatIsDocumentedIsFound() {
        assertThat(ReferencePage.text())
                .contains(List.of(
                        "`einsum(",
                        "`sort(",
                        "`topK(",
                        "`toFloats(",
                        "| `LayerNorm` |",
                        "| `Lstm` |",
                        "| `CtcLoss` |",
                        "| `Muon` |",
                        "`cosine(",
                        "| `KFold` |",
                        "| `Gpt` |",
                        "| `F1` |",
                        "`heNormal(",
                        "`silu("));
    }
}
