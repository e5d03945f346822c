package org.alborz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Makes {@code docs/reference.md} of the sources: public types and functions with the first paragraph of their documentation. */
final class ReferencePage {
    static final Path SOURCES = Path.of("src/main/java/org/alborz");

    private static final String MODIFIERS = "(?:(?:static|final|abstract|sealed|non-sealed|default)\\s+)*";

    /** A comment, annotations, and the head of what it documents. */
    private static final Pattern TYPE = Pattern.compile(
            "(?:/\\*\\*((?:(?!\\*/).)*)\\*/\\s*)?(?:@\\w+(?:\\([^)]*\\))?\\s+)*public " + MODIFIERS
                    + "(?:class|interface|record|enum) (\\w+)",
            Pattern.DOTALL);

    private static final Pattern FUNCTION = Pattern.compile(
            "(?:/\\*\\*((?:(?!\\*/).)*)\\*/\\s*)?(?:@\\w+(?:\\([^)]*\\))?\\s+)*(?<!private )(public |static )"
                    + MODIFIERS + "(?:<[^>]+>\\s+)?([\\w.<>\\[\\]?, ]+?) (\\w+)\\(([^)]*)\\)\\s*[{;]",
            Pattern.DOTALL);

    /** What the documentation of a method says of an argument or of the result. */
    private static final Pattern TAG = Pattern.compile(
            "^@(param(?= )|return(?= ))(?: (?<=param )(\\w+))? (.+?)(?=^@|\\z)", Pattern.DOTALL | Pattern.MULTILINE);

    private final StringBuilder text = new StringBuilder();

    static String text() {
        ReferencePage page = new ReferencePage();
        page.text.append(
                "# Reference\n\nEvery function of tensors and every part that nets, training and data are made of, with the first paragraph of its"
                        + " documentation.\nThe page is written from the sources (`ReferenceTest`); the whole documentation is the Javadoc.\n");
        page.functions(
                "Functions of tensors",
                List.of("tensor/Tensor", "tensor/TensorFunctions", "tensor/TensorArrangement", "tensor/ImageFunctions"),
                "public ",
                ".*(Tensor|Sorted|MaxPooled|\\[\\]|double).*");
        page.functions("New tensors", List.of("tensor/Session", "tensor/TensorCreation"), "public ", ".*Tensor.*");
        page.computations("Layers", "nn", "(?!.*Loss$|Loss.*|.*Initializer$).*");
        page.functions("Activations", List.of("nn/Activations"), "public ", ".*Layer.*");
        page.computations("Losses", "nn", ".*Loss$");
        page.functions("Losses by name", List.of("nn/Loss"), "static ", ".*");
        page.types("Optimizers", "optim", "(?!.*Schedule$).*");
        page.functions("Schedules of the learning rate", List.of("optim/Schedule"), "static ", ".*");
        page.functions("Initial values", List.of("nn/Initializer"), "static ", ".*");
        page.types("Metrics", "metrics", ".*");
        page.computations("Models", "models", ".*");
        page.types("Data", "data", ".*");
        page.types("Training", "train", ".*");
        page.types("Inference and checkpoints", "inference", ".*");
        page.rows("checkpoint", ".*");
        return page.text.toString();
    }

    /** Lists the public types of a package. */
    private void types(String title, String folder, String names) {
        text.append("\n## ").append(title).append("\n| | |\n|---|---|\n");
        rows(folder, names);
    }

    private void rows(String folder, String names) {
        publicTypes(folder, names).forEach((name, comment) -> row("`" + name + "`", paragraph(comment)));
    }

    /** Lists the public types of a package with the shapes of what they take and return. */
    private void computations(String title, String folder, String names) {
        text.append("\n## ").append(title).append("\n| | | Shapes |\n|---|---|---|\n");
        publicTypes(folder, names)
                .forEach((name, comment) -> row(
                        "`" + name + "`",
                        paragraph(comment) + " | "
                                + shapes(read(SOURCES.resolve(folder).resolve(name + ".java")), name)));
    }

    private static Map<String, String> publicTypes(String folder, String names) {
        Map<String, String> comments = new LinkedHashMap<>();
        for (Path file : files(SOURCES.resolve(folder))) {
            String name = file.getFileName().toString().replace(".java", "");
            Matcher type = TYPE.matcher(read(file));
            if (name.matches(names) && type.find() && type.group(2).equals(name)) {
                comments.put(name, type.group(1) == null ? "" : type.group(1));
            }
        }
        return comments;
    }

    /** Returns what the first documented method that computes something says of its arguments and its result; empty without any. */
    static String shapes(String source, String name) {
        Matcher method = FUNCTION.matcher(source);
        while (method.find()) {
            boolean computes = method.group(4).matches("forward|run|terms")
                    && method.group(2).equals("public ");
            if (computes && method.group(1) != null && !name.equals("Activations")) {
                String plain = method.group(1).replaceAll("(?m)^\\s*\\* ?", "").strip();
                StringBuilder words = new StringBuilder(paragraph(plain));
                Matcher tag = TAG.matcher(plain);
                while (tag.find()) {
                    String what = tag.group(1).equals("return") ? "gives " : "`" + tag.group(2) + "`: ";
                    boolean sentence = words.isEmpty() || words.charAt(words.length() - 1) == '.';
                    words.append(sentence ? " " : "; ").append(what).append(paragraph(tag.group(3)));
                }
                return words.toString().strip();
            }
        }
        return "";
    }

    /**
     * Lists the functions of classes by name.
     *
     * @param access what their declarations begin with
     * @param result a pattern of what they return
     */
    private void functions(String title, List<String> classes, String access, String result) {
        Map<String, List<String[]>> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String each : classes) {
            Matcher function = FUNCTION.matcher(read(SOURCES.resolve(each + ".java")));
            while (function.find()) {
                if (function.group(2).equals(access) && function.group(3).matches(result)) {
                    String parameters = function.group(5).strip().replaceAll("\\s+", " ");
                    all.computeIfAbsent(function.group(4), name -> new ArrayList<>())
                            .add(new String[] {function.group(4) + "(" + parameters + ")", function.group(1)});
                }
            }
        }
        text.append("\n## ").append(title).append("\n| | |\n|---|---|\n");
        all.values()
                .forEach(overloads ->
                        overloads.forEach(each -> row("`" + each[0] + "`", each[1] == null ? "" : paragraph(each[1]))));
    }

    private void row(String what, String words) {
        text.append("| ")
                .append(what.replace("|", "\\|"))
                .append(" | ")
                .append(words)
                .append(" |\n");
    }

    /** Returns the first paragraph of a comment as Markdown. */
    private static String paragraph(String comment) {
        String plain = comment.replaceAll("(?m)^\\s*\\* ?", "").strip();
        plain = plain.split("<p>|<pre>|<ul>|(?m)^@", 2)[0];
        plain = plain.replaceAll("\\{@code ([^}]*)}", "`$1`")
                .replaceAll("\\{@link(?:plain)? [\\w.#]+(?:\\([^)]*\\))?\\s+([^}]+)}", "$1")
                .replaceAll("\\{@link(?:plain)? (?:[\\w.]*[.#])?(\\w+)(?:\\([^)]*\\))?}", "`$1`")
                .replaceAll("<a\\s+href=\"([^\"]*)\">([^<]*)</a>", "[$2]($1)");
        return plain.strip().replaceAll("\\s+", " ").replace("|", "\\|");
    }

    private static List<Path> files(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
