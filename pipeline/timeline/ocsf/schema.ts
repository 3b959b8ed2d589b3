/** The shape of `schema.generated.json`: the OCSF classes that Crosstrail uses, and every object that they can reach. */
export interface CompiledSchema {
  /** Where the schema came from, and under which licence. */
  readonly source: SchemaSource;
  /** Scalar types by name (`ip_t`); their base is the type that JSON can tell apart. */
  readonly types: Readonly<Record<string, CompiledType>>;
  /** Event classes by name (`api_activity`). */
  readonly classes: Readonly<Record<string, CompiledClass>>;
  /** Objects by name (`network_endpoint`). */
  readonly objects: Readonly<Record<string, CompiledObject>>;
}

export interface SchemaSource {
  readonly repository: string;
  readonly version: string;
  readonly commit: string;
  readonly license: string;
  readonly notice: string;
}

/** A scalar type, with the constraints that the schema sets on it and on the types that it derives from. */
export interface CompiledType {
  readonly base: string;
  readonly max_len?: number | undefined;
  readonly range?: readonly number[] | undefined;
  readonly regex?: string | undefined;
}

export interface CompiledObject {
  readonly constraints?: Constraints | undefined;
  readonly attributes: Readonly<Record<string, CompiledAttribute>>;
}

export interface CompiledClass extends CompiledObject {
  readonly caption: string;
  readonly class_uid: number;
  readonly category_uid: number;
  /** The profiles that `metadata.profiles` may name. */
  readonly profiles: readonly string[];
}

export interface Constraints {
  readonly at_least_one?: readonly string[] | undefined;
  readonly just_one?: readonly string[] | undefined;
}

/** One attribute: of a scalar type, or of an object; an `object` named `object` is free-form. */
export interface CompiledAttribute {
  readonly type?: string | undefined;
  readonly object?: string | undefined;
  readonly is_array?: boolean | undefined;
  /** Absent where the attribute is optional. */
  readonly requirement?: string | undefined;
  /** The attribute that carries the caption of this one's value. */
  readonly sibling?: string | undefined;
  /** The profile that an event must name before it may carry the attribute. */
  readonly profile?: string | undefined;
  /** Captions by value. */
  readonly enum?: Readonly<Record<string, string>> | undefined;
}
