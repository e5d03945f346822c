package org.alborz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
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

    /** The tables of what computes, and the folders of their types; empty for tables of functions. */
    private static final Map<String, String> WITH_EQUATIONS = Map.of(
            "Layers", "nn",
            "Activations", "",
            "Losses", "nn",
            "Losses by name", "",
            "Optimizers", "optim",
            "Schedules of the learning rate", "",
            "Initial values", "",
            "Metrics", "metrics");

    private static final Pattern COMPUTING = Pattern.compile(
            "^public (?:final )?(?:class|record) (?!Activations)[^{]*(?:(?:implements|extends) (?:\\w+Optimizer|Optimizer|Metric|ClassScore)\\b|"
                    + "\\{[\\s\\S]*^    public (?:Tensor (?:forward|terms)|double step)\\()",
            Pattern.MULTILINE);

    /** They run layers that have one. */
    private static final Set<String> NO_EQUATION = Set.of("Model", "TrainingStep");

    private static final Pattern ROW = Pattern.compile("\\| `(\\w+[^`]*)` \\| ([^|]*(?:\\\\\\|[^|]*)*)\\|.*");

    private static final Pattern FORMULA = Pattern.compile("[=≈Σ√·^]|max\\(| [/+−] ");

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

    /** What computes a number is given as an equation or a formula, not in words alone. */
    @Test
    void whatComputesSaysItsEquation() {
        String section = "";
        List<String> without = new ArrayList<>();
        int rows = 0;
        for (String line : ReferencePage.text().lines().toList()) {
            section = line.startsWith("## ") ? line.substring(3) : section;
            Matcher row = ROW.matcher(line);
            if (WITH_EQUATIONS.containsKey(section) && row.matches() && computes(section, row.group(1))) {
                rows++;
                if (!FORMULA.matcher(row.group(2)).find()) {
                    without.add(section + ": " + row.group(1));
                }
            }
        }
        assertThat(without).as("rows of docs/reference.md without an equation").isEmpty();
        assertThat(rows).isGreaterThan(150);
    }

    /** Tells whether a row is no settings, interface or container, whose folder is that of its section; functions always compute. */
    private static boolean computes(String section, String name) {
        String folder = WITH_EQUATIONS.get(section);
        return folder.isEmpty()
                || !NO_EQUATION.contains(name)
                        && COMPUTING
                                .matcher(ReferencePage.read(
                                        ReferencePage.SOURCES.resolve(folder).resolve(name + ".java")))
                                .find();
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
