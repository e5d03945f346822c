package org.alborz.kernels;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Makes the CUDA backend's class {@code KernelLauncher}: a method for each kernel, with the parameters that the kernel's source
 * declares. So a launch with other arguments does not compile. {@code kernels/build} runs it with {@code java TypedLaunches.java}.
 */
final class TypedLaunches {
    private static final int LINE = 120;

    /** {@code KERNEL(name, parameters) {}, where a part of the name after {@code ##} is a macro's argument. */
    private static final Pattern KERNEL = Pattern.compile("\\bKERNEL\\(([\\w#]+), ([^{]*)\\) \\{");

    private static final Pattern STRUCTURE = Pattern.compile("\\bstruct (\\w+) \\{ int ([\\w, ]+);");
    private static final Pattern PARAMETER =
            Pattern.compile("(const )?([\\w ]+?|Arithmetic<T>)(\\*?) (NULLABLE )?(\\w+)");

    /** The parameter that tells how long the rows of a kernel with a form for short and one for long rows are. */
    private static final List<String> ROW_LENGTHS = List.of("width", "classes");

    /** Structures for which there are classes in Java, which pass their fields. */
    private static final List<String> OWN_CLASSES =
            List.of("OffsetCalculator", "CopyBatch", "GradientParts", "ReplayNumbers", "AttentionStrides");

    private record Parameter(String type, boolean pointer, boolean constant, boolean nullable, String name) {}

    private record Kernel(String stem, int types, boolean byRows, List<Parameter> parameters) {}

    private final Map<String, List<String>> structures = new TreeMap<>();
    private final Map<String, Kernel> kernels = new LinkedHashMap<>();
    private final TreeSet<String> imports = new TreeSet<>(List.of(
            "org.alborz.backend.Operand",
            "org.alborz.cuda.driver.Kernel",
            "org.alborz.cuda.driver.Launcher",
            "org.alborz.cuda.driver.Modules",
            "org.alborz.type.DType"));
    private final StringBuilder text = new StringBuilder();

    private TypedLaunches() {}

    /** Prints the class to the standard output; the argument is the folder of the kernels. */
    public static void main(String[] arguments) throws IOException {
        System.out.print(of(Path.of(arguments[0])));
    }

    /** Returns the class's text for the kernels in a folder. */
    static String of(Path kernels) throws IOException {
        TypedLaunches launches = new TypedLaunches();
        for (Path source : sources(kernels)) {
            launches.read(source);
        }
        return launches.write();
    }

    private static List<Path> sources(Path kernels) throws IOException {
        try (Stream<Path> files = Files.walk(kernels, 2)) {
            return files.filter(file -> file.toString().matches(".*\\.cuh?"))
                    .sorted()
                    .toList();
        }
    }

    private void read(Path source) throws IOException {
        String code = Files.readString(source)
                .replaceAll("//[^\n]*", "")
                .replaceAll("\\\\?\\s*\n\\s*", " ")
                .replaceAll(" +", " ");
        Matcher structure = STRUCTURE.matcher(code);
        while (structure.find()) {
            if (!OWN_CLASSES.contains(structure.group(1))) {
                structures.put(structure.group(1), List.of(structure.group(2).split(", ")));
            }
        }
        Matcher kernel = KERNEL.matcher(code);
        while (kernel.find()) {
            add(kernel.group(1), kernel.group(2));
        }
    }

    private void add(String name, String parameters) {
        if (name.equals("name")) {
            return; // the definition of KERNEL
        }
        boolean byRows = name.matches(".*_(warp|block|##team##)(_.*)?");
        String stem = name.replaceAll("_(warp|block|##team##)(?=_|$)", "").replaceAll("_?##\\w+(##)?", "");
        int types = name.endsWith("##from##_##to") ? 2 : name.endsWith("##name") ? 1 : 0;
        Kernel made = new Kernel(
                stem,
                types,
                byRows,
                Stream.of(parameters.split(", ")).map(this::parameter).toList());
        Kernel other = kernels.putIfAbsent(stem, made);
        if (other != null && !other.equals(made)) {
            throw new IllegalStateException("Kernel " + name + " expects the parameters of the others of its name, "
                    + other.parameters() + ", got " + made.parameters());
        }
    }

    private Parameter parameter(String declaration) {
        Matcher match = PARAMETER.matcher(declaration.strip());
        if (!match.matches()) {
            throw new IllegalStateException(
                    "A kernel's parameter expects a type and a name, got '" + declaration + "'");
        }
        return new Parameter(
                match.group(2),
                !match.group(3).isEmpty(),
                match.group(1) != null,
                match.group(4) != null,
                match.group(5));
    }

    private String write() {
        for (Kernel kernel : kernels.values()) {
            writeMethod(kernel);
        }
        StringBuilder fields = new StringBuilder();
        StringBuilder constructor = new StringBuilder();
        for (Kernel kernel : kernels.values()) {
            String field = javaName(kernel.stem());
            fields.append("    private final ")
                    .append(holder(kernel))
                    .append(' ')
                    .append(field)
                    .append(";\n");
            constructor
                    .append("        ")
                    .append(field)
                    .append(
                            kernel.types() == 0
                                    ? " = modules.kernel(\"%s\");%n".formatted(kernel.stem())
                                    : " = new %s(modules, \"%s\");%n".formatted(holder(kernel), kernel.stem()));
        }
        StringBuilder all = new StringBuilder("package org.alborz.cuda.ops;\n\n");
        imports.forEach(type -> all.append("import ").append(type).append(";\n"));
        return all.append("""

                        /**
                         * Writes the arguments of each kernel as its source declares them; {@link LaunchContext#run} launches it then. Written by
                         * {@code kernels/build} from the kernels' sources; do not edit.
                         */
                        final class KernelLauncher {
                            private final Launcher launcher;
                            private final OperandArguments arguments;
                        """)
                .append(fields)
                .append(
                        "\n    KernelLauncher(Launcher launcher, Modules modules) {\n        this.launcher = launcher;\n        this.arguments = new OperandArguments(launcher);\n")
                .append(constructor)
                .append("    }\n")
                .append(text)
                .append("}\n")
                .toString();
    }

    private static String holder(Kernel kernel) {
        return kernel.byRows()
                ? "RowKernel"
                : List.of("Kernel", "TypedKernel", "ConversionKernel").get(kernel.types());
    }

    private void writeMethod(Kernel kernel) {
        List<String> parameters = new ArrayList<>();
        if (kernel.types() == 2) {
            parameters.add("DType from");
            parameters.add("DType to");
        } else if (kernel.types() == 1) {
            parameters.add("DType type");
        }
        StringBuilder body = new StringBuilder();
        for (Parameter parameter : kernel.parameters()) {
            writeParameter(kernel, parameter, parameters, body);
        }
        String name = javaName(kernel.stem());
        writeHead("    void " + name + "(", parameters);
        String chosen = kernel.byRows()
                ? name + ".of(type, " + rowLength(kernel) + ")"
                : name + List.of("", ".of(type)", ".of(from, to)").get(kernel.types());
        text.append("        launcher.kernel(")
                .append(chosen)
                .append(");\n")
                .append(body)
                .append("    }\n");
    }

    private static String rowLength(Kernel kernel) {
        return kernel.parameters().stream()
                .map(Parameter::name)
                .filter(ROW_LENGTHS::contains)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "Kernel " + kernel.stem() + " expects the length of its rows, named one of " + ROW_LENGTHS));
    }

    /** Writes the head of a method, broken as the project's formatter breaks it. */
    private void writeHead(String start, List<String> parameters) {
        String list = String.join(", ", parameters) + ") {\n";
        text.append('\n').append(start);
        if (start.length() + list.length() - 1 <= LINE) {
            text.append(list);
        } else if (12 + list.length() - 1 <= LINE) {
            text.append("\n            ").append(list);
        } else {
            text.append("\n            ")
                    .append(String.join(",\n            ", parameters))
                    .append(") {\n");
        }
    }

    private void writeParameter(Kernel kernel, Parameter parameter, List<String> parameters, StringBuilder body) {
        String name = parameter.name();
        if (parameter.pointer()) {
            switch (parameter.type()) {
                case "IndexFault" -> argument("IndexFaults", name, "address(" + name + ".address())", parameters, body);
                case "unsigned long long" ->
                    argument("RandomAdvance", name, "address(" + name + ".address())", parameters, body);
                case "unsigned" ->
                    argument("FinishedBlocks", name, "address(" + name + ".address())", parameters, body);
                default -> {
                    String method = (parameter.constant() ? "read" : "write") + (parameter.nullable() ? "OrNone" : "");
                    parameters.add("Operand " + name);
                    body.append(
                            "        arguments.%s(%s, %s);\n".formatted(method, name, elementType(parameter.type())));
                }
            }
        } else if (structures.containsKey(parameter.type())) {
            parameters.addAll(structures.get(parameter.type()).stream()
                    .map(f -> "int " + f)
                    .toList());
            body.append("        launcher.integers(")
                    .append(structures.get(parameter.type()).size())
                    .append(");\n");
            structures
                    .get(parameter.type())
                    .forEach(f ->
                            body.append("        launcher.field(").append(f).append(");\n"));
        } else {
            switch (parameter.type()) {
                case "int", "double" -> argument(parameter.type(), name, "value(" + name + ")", parameters, body);
                case "long long", "unsigned long long" ->
                    argument("long", name, "value(" + name + ")", parameters, body);
                case "OffsetCalculator",
                        "CopyBatch",
                        "GradientParts",
                        "ReplayNumbers",
                        "AttentionStrides" -> { // those of OWN_CLASSES
                    parameters.add(parameter.type() + " " + name);
                    body.append("        ").append(name).append(".passTo(launcher);\n");
                }
                case "UnaryOp", "BinaryOp", "Comparison", "ReduceOp", "UpdateRule", "Activation" -> {
                    imports.add((parameter.type().equals("Activation") ? "org.alborz.type." : "org.alborz.backend.")
                            + parameter.type());
                    argument(parameter.type(), name, "value(" + name + ".ordinal())", parameters, body);
                }
                default ->
                    throw new IllegalStateException("Kernel " + kernel.stem()
                            + " has a parameter of a type that no launch passes: " + parameter);
            }
        }
    }

    private static void argument(String type, String name, String call, List<String> parameters, StringBuilder body) {
        parameters.add(type + " " + name);
        body.append("        launcher.").append(call).append(";\n");
    }

    private static String elementType(String type) {
        return switch (type) {
            case "T", "H" -> "type";
            case "X" -> "from";
            case "Y" -> "to";
            case "Arithmetic<T>" -> "type.accumulator()";
            case "double" -> "DType.FLOAT64";
            case "float" -> "DType.FLOAT32";
            case "int" -> "DType.INT32";
            case "bool" -> "DType.BOOL";
            case "unsigned char" -> "DType.UINT8";
            case "long long" -> "DType.INT64";
            default -> throw new IllegalStateException("No operand has elements of the type " + type);
        };
    }

    private static String javaName(String stem) {
        return Pattern.compile("_(\\w)")
                .matcher(stem)
                .replaceAll(match -> match.group(1).toUpperCase(java.util.Locale.ROOT));
    }
}
