package org.alborz.kernels;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What kernels/README.md says of the kernels: an indented line each, {@code name_T(type parameter, …)}. */
final class Readme {
    private static final Pattern KERNEL = Pattern.compile("    (\\w+)\\((.*)\\)");
    private static final Pattern STRUCTURE = Pattern.compile("\\| `(\\w+)` \\| (\\d+) \\|.*");
    private static final List<String> FLOATING = List.of("f32", "f64", "f16", "bf16");
    private static final List<String> HALF = List.of("f16", "bf16");
    private static final List<String> WHOLE = List.of("i32", "i64", "u8", "b8");
    private static final List<String> ALL = List.of("f32", "f64", "f16", "bf16", "i32", "i64", "u8", "b8");

    private final Map<String, List<String>> kernels = new LinkedHashMap<>();
    private final Map<String, String> structures = new LinkedHashMap<>();

    Readme(Path file) throws IOException {
        for (String line : Files.readAllLines(file)) {
            Matcher structure = STRUCTURE.matcher(line);
            if (structure.matches()) {
                structures.put(structure.group(1), "b8[" + structure.group(2) + "]");
            }
            Matcher kernel = KERNEL.matcher(line);
            if (kernel.matches()) {
                List<String> parameters = Arrays.stream(kernel.group(2).split(", "))
                        .map(this::type)
                        .toList();
                names(kernel.group(1)).forEach(name -> kernels.put(name, parameters));
            }
        }
    }

    /** Returns the kernels' parameters by the names of the kernels, as PTX names their types: {@code [u32, f64, u64, b8[228]]}. */
    Map<String, List<String>> kernels() {
        return kernels;
    }

    private static List<String> names(String pattern) {
        if (pattern.endsWith("_X_Y")) {
            String stem = pattern.substring(0, pattern.length() - 3);
            List<String> names = new ArrayList<>();
            ALL.forEach(from -> ALL.forEach(to -> names.add(stem + from + "_" + to)));
            return names;
        }
        String stem = pattern.substring(0, pattern.length() - 1);
        if (pattern.endsWith("_T")) {
            return FLOATING.stream().map(type -> stem + type).toList();
        }
        if (pattern.endsWith("_H")) {
            return HALF.stream().map(type -> stem + type).toList();
        }
        if (pattern.endsWith("_I")) {
            return WHOLE.stream().map(type -> stem + type).toList();
        }
        return pattern.endsWith("_E") ? ALL.stream().map(type -> stem + type).toList() : List.of(pattern);
    }

    private String type(String parameter) {
        String type = parameter.substring(0, parameter.lastIndexOf(' '));
        if (type.endsWith("*")) {
            return "u64";
        }
        return switch (type) {
            case "int", "UnaryOp", "BinaryOp", "Comparison", "ReduceOp", "UpdateRule", "Activation" -> "u32";
            case "long long", "unsigned long long" -> "u64";
            case "double" -> "f64";
            default -> structures.getOrDefault(type, "unknown type " + type);
        };
    }
}
