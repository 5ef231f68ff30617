# Two stages: the JDK builds, the JRE runs.
FROM eclipse-temurin:25-jdk AS build
WORKDIR /build
COPY .mvn .mvn
COPY mvnw pom.xml ./
COPY src src
# SQLite's native library goes beside the jars, so that nothing is unpacked at the start.
RUN ./mvnw -B -ntp -q package -DskipTests \
    && java -Djarmode=tools -jar target/batchnorm.jar extract --layers --destination extracted \
    && jar -xf extracted/dependencies/lib/sqlite-jdbc-*.jar "org/sqlite/native/Linux/$(uname -m)" \
    && mkdir -p extracted/native && mv org/sqlite/native/Linux/*/* extracted/native/

FROM eclipse-temurin:25-jre
RUN groupadd --system --gid 999 batchnorm && useradd --system --uid 999 --gid batchnorm batchnorm \
    && mkdir /app /data && chown batchnorm:batchnorm /app /data
WORKDIR /app
# From what changes least to what changes most.
COPY --from=build /build/extracted/native/ ./native/
COPY --from=build /build/extracted/dependencies/ ./
COPY --from=build /build/extracted/snapshot-dependencies/ ./
COPY --from=build /build/extracted/application/ ./
COPY src/main/container/java.options ./
USER 999:999
ENV BATCHNORM_DATA_DIR=/data \
    SERVER_ADDRESS=0.0.0.0
# What a service loads and links is cached by the JVM that will run it, from a service that is asked what clients ask.
RUN java @java.options -XX:AOTCacheOutput=batchnorm.aot -jar batchnorm.jar --rehearse
VOLUME /data
EXPOSE 8080
HEALTHCHECK --start-period=30s CMD ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", "batchnorm.jar", "batchnorm.startup.ContainerHealthCheck"]
ENTRYPOINT ["java", "@java.options", "-XX:AOTCache=batchnorm.aot", "-jar", "batchnorm.jar"]
