import 'reflect-metadata';
import { plainToInstance, Type } from 'class-transformer';
import { IsEmail, IsInt, Length, Min, validate, ValidateNested } from 'class-validator';

class Address {
  @Length(2, 2)
  country!: string;
}

class User {
  @IsEmail()
  email!: string;
  @IsInt()
  @Min(0)
  age!: number;
  @ValidateNested()
  @Type(() => Address)
  address!: Address;
}

async function check(plain: object) {
  const errors = await validate(plainToInstance(User, plain));
  return errors.flatMap(({ property, constraints, children }) => [
    ...Object.keys(constraints ?? {}).map((key) => `${property}: ${key}`),
    ...(children ?? []).flatMap((child) =>
      Object.keys(child.constraints ?? {}).map((key) => `${property}.${child.property}: ${key}`),
    ),
  ]);
}

export default async function () {
  return Response.json({
    good: await check({ email: 'ada@example.com', age: 36, address: { country: 'GB' } }),
    bad: await check({ email: 'nobody', age: -1, address: { country: 'England' } }),
  });
}
