package org.alborz.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler.CompilationTask;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The Java in the README and in the guide compiles as a reader would paste it: with star imports of the packages that are for users, and of
 * no others, beside those of the JDK. The guide's runs as well.
 */
class DocumentedCodeTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern BLOCK = Pattern.compile("^```java\\n(.*?)^```", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern IMPORT = Pattern.compile("^import [^;]+;\\n", Pattern.MULTILINE);
    private static final Pattern TYPE =
            Pattern.compile("^(public |final |abstract |sealed )*(class|record|interface|enum) ", Pattern.MULTILINE);

    private static final Pattern TRY = Pattern.compile("^try ", Pattern.MULTILINE);

    @TempDir
    Path classes;

    record Block(String place, String code) {
        @Override
        public String toString() {
            return place;
        }
    }

    static List<Block> blocks() throws IOException {
        List<Block> blocks = new ArrayList<>();
        for (Path file : pages()) {
            String text = Files.readString(file);
            Matcher matcher = BLOCK.matcher(text);
            while (matcher.find()) {
                long line = text.substring(0, matcher.start()).lines().count() + 1;
                blocks.add(new Block(ROOT.relativize(file) + ":" + line, matcher.group(1)));
            }
        }
        return blocks;
    }

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md")));
        Path guide = ROOT.resolve("docs/guide");
        if (Files.isDirectory(guide)) {
            try (Stream<Path> files = Files.list(guide)) {
                files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
            }
        }
        return pages;
    }

    @Test
    void theReadmeShowsCode() throws IOException {
        assertThat(blocks()).anySatisfy(block -> assertThat(block.code()).contains("Session.open"));
    }

    @ParameterizedTest
    @MethodSource("blocks")
    void compiles(Block block) throws IOException {
        assertThat(errors(block.code())).isEmpty();
    }

    static List<Block> programs() throws IOException {
        return blocks().stream()
                .filter(block -> block.place().startsWith("docs"))
                .filter(block -> !declares(block.code()))
                .toList();
    }

    /** What is more than a declaration runs as it stands, without an exception. */
    @ParameterizedTest
    @MethodSource("programs")
    void runs(Block block, @TempDir Path data) throws Exception {
        Path flowers = folderOfImages(data.resolve("flowers"));
        String code = block.code().replace("Path.of(\"flowers\")", "Path.of(\"" + flowers + "\")");
        assertThat(errors(code)).isEmpty();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {classes.toUri().toURL()})) {
            var pasted = loader.loadClass("Pasted").getDeclaredConstructor();
            pasted.setAccessible(true);
            Method run = pasted.getDeclaringClass().getDeclaredMethod("run");
            run.setAccessible(true);
            run.invoke(pasted.newInstance());
        }
    }

    private static Path folderOfImages(Path folder) throws IOException {
        for (String kind : List.of("rose", "tulip")) {
            Files.createDirectories(folder.resolve(kind));
            for (int i = 0; i < 20; i++) {
                var image = new BufferedImage(16 + i, 20, BufferedImage.TYPE_INT_RGB);
                ImageIO.write(
                        image, "png", folder.resolve(kind).resolve(i + ".png").toFile());
            }
        }
        return folder;
    }

    @Test
    void aWrongBlockIsNoticed() throws IOException {
        assertThat(errors("Session session = Session.open(1);\n")).isNotEmpty();
        assertThat(errors("Module net = null;\n"))
                .anySatisfy(error -> assertThat(error).contains("ambiguous"));
        assertThat(errors("public final class Backends { Backend backend; }\n")).isNotEmpty();
    }

    private List<String> errors(String code) throws IOException {
        DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(diagnostics, null, null)) {
            files.setLocation(StandardLocation.CLASS_OUTPUT, List.of(classes.toFile()));
            CompilationTask task = compiler.getTask(
                    null, files, diagnostics, List.of("-proc:none", "-Xlint:none"), null, List.of(source(code)));
            boolean compiled = task.call();
            List<String> errors = diagnostics.getDiagnostics().stream()
                    .map(diagnostic -> diagnostic.getLineNumber() + ": " + diagnostic.getMessage(null))
                    .toList();
            assertThat(compiled).isEqualTo(errors.isEmpty());
            return errors;
        }
    }

    /** Tells whether code is nothing but types; before a try they are local ones. */
    private static boolean declares(String code) {
        return TYPE.matcher(code).find() && !TRY.matcher(code).find();
    }

    /** Statements stand in a method, and what declares types is taken as it is. */
    private static JavaFileObject source(String code) {
        String imports =
                IMPORT.matcher(code).results().map(match -> match.group()).collect(Collectors.joining());
        String rest = IMPORT.matcher(code).replaceAll("");
        String stars = Stream.concat(PublicPackages.NAMES.stream(), Stream.of("java.io", "java.nio.file", "java.util"))
                .map(name -> "import " + name + ".*;\n")
                .collect(Collectors.joining());
        String body = declares(rest)
                ? rest.replaceAll("(?m)^public (?=(final |abstract |sealed )*(class|record|interface|enum) )", "")
                : "final class Pasted {\n    void run() throws Exception {\n" + rest + "    }\n}\n";
        return new SimpleJavaFileObject(URI.create("string:///Pasted.java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return imports + stars + body;
            }
        };
    }
}
