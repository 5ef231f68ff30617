package batchnorm.storage;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/// A connection that fails at one statement, before or after the database has executed it.
final class FaultyConnection {
    private final Connection real;
    private final String fatal;
    private final boolean carriedOut;
    private final SQLException failure;
    private boolean armed = true;

    FaultyConnection(Connection real, String fatal, boolean carriedOut, SQLException failure) {
        this.real = real;
        this.fatal = fatal;
        this.carriedOut = carriedOut;
        this.failure = failure;
    }

    Connection connection() {
        return proxy(
                Connection.class,
                (method, arguments) -> {
                    Object result = call(real, method, arguments);
                    return result instanceof Statement statement
                                    && method.getName().equals("createStatement")
                            ? statement(statement)
                            : result;
                });
    }

    private Statement statement(Statement statement) {
        return proxy(
                Statement.class,
                (method, arguments) -> {
                    boolean fails = armed && arguments != null && fatal.equals(arguments[0]);
                    Object result =
                            fails && !carriedOut ? null : call(statement, method, arguments);
                    if (fails) {
                        armed = false;
                        throw failure;
                    }
                    return result;
                });
    }

    private interface Call {
        @Nullable Object on(Method method, Object @Nullable [] arguments) throws Throwable;
    }

    private static <T> T proxy(Class<T> type, Call call) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (_, method, arguments) -> call.on(method, arguments)));
    }

    private static @Nullable Object call(
            Object target, Method method, Object @Nullable [] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException thrown) {
            throw thrown.getCause() == null ? thrown : thrown.getCause();
        }
    }
}
